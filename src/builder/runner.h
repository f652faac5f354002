#pragma once
// The process of hook_runner.py: started, asked one question at a time, killed with this object.

#include <chrono>
#include <memory>
#include <string>

#include "base/child.h"
#include "base/json.h"
#include "base/tasks.h"
#include "builder/build_output.h"
#include "builder/build_process.h"

namespace pkg::builder {

// The limits of one build's life.
struct Deadline {
  std::chrono::steady_clock::time_point at;
  double after_s = 0;  // as it was asked for, for messages
};

class Runner {
 public:
  // `output` and `cancel` outlive the runner.
  static Result<Runner> start(const ProcessOptions& options, const Deadline& deadline, const CancelToken& cancel,
                              BuildOutput& output, const std::string& confinement);

  // The runner's answer. build: it took too long, printed too much, or ended · interrupted · io. After an error the
  // process is gone.
  Result<json::Json> ask(const json::Json& question);

 private:
  Runner(process::GuardedChild child, fs::Fd talk, fs::Fd log, const Deadline& deadline, const CancelToken& cancel,
         BuildOutput& output)
      : child_(std::move(child)),
        talk_(std::move(talk)),
        log_(std::move(log)),
        deadline_(deadline),
        cancel_(&cancel),
        output_(&output) {}
  Status exchange();
  Status wait_a_while();
  Status send();
  Status receive();
  Error ended();

  process::GuardedChild child_;
  fs::Fd talk_, log_;
  Deadline deadline_;
  const CancelToken* cancel_;
  BuildOutput* output_;
  std::string to_send_, received_;
};

}  // namespace pkg::builder
