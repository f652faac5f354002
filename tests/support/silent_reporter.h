#pragma once
// A reporter for tests that do not look at what is told.

#include "base/events.h"

namespace pkg::test {

// Says nothing.
class SilentReporter final : public Reporter {
 public:
  void warning(const std::string&) override {}
  void note(const std::string&) override {}
  void transfer_started(std::uint64_t, TransferKind, const std::string&, std::uint64_t) override {}
  void transfer_progress(std::uint64_t, std::uint64_t) override {}
  void transfer_finished(std::uint64_t) override {}
  void step(const std::string&, const std::string&, std::uint64_t, std::uint64_t) override {}
};

}  // namespace pkg::test
