#pragma once
// What cli writes, as strings, as long as this lives.

#include <string>

#include "cli/output/output.h"

namespace pkg::test {

class CapturedOutput {
 public:
  explicit CapturedOutput(bool is_terminal = false) { cli::set_sinks({&out_, &err_, is_terminal}); }
  ~CapturedOutput() { cli::set_sinks({}); }
  CapturedOutput(const CapturedOutput&) = delete;
  CapturedOutput& operator=(const CapturedOutput&) = delete;

  std::string out() {
    cli::flush();
    return out_;
  }
  const std::string& err() const { return err_; }

 private:
  std::string out_, err_;
};

}  // namespace pkg::test
