#pragma once
// TerminalReporter: warnings and notes as lines on stderr; transfers, builds and counted work as live lines on a
// terminal, as a plain line now and then elsewhere, or as NDJSON events.

#include <iosfwd>
#include <memory>

#include "base/events.h"

namespace pkg::cli {

struct ProgressOptions {
  bool warnings = true, notices = true, notes = false, details = false;
  std::ostream* log = nullptr;  // gets warnings, notices, notes and details, with their times; outlives the reporter
  bool bars = false;            // on a terminal only
  bool lines = false;           // elsewhere: what takes longer than three seconds says that it goes on
  bool json_events = false;     // --progress json
};

// Threads: any.
class TerminalReporter final : public Reporter {
 public:
  explicit TerminalReporter(ProgressOptions options);
  ~TerminalReporter() override;  // clears the live lines
  void warning(const std::string& message) override;
  void notice(const std::string& message) override;
  void note(const std::string& message) override;
  bool wants_details() const override;
  void detail(const std::string& message) override;
  void transfer_started(std::uint64_t id, TransferKind kind, const std::string& name,
                        std::uint64_t total_bytes) override;
  void transfer_progress(std::uint64_t id, std::uint64_t done_bytes) override;
  void transfer_finished(std::uint64_t id) override;
  void step(const std::string& phase, const std::string& item, std::uint64_t done, std::uint64_t total) override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace pkg::cli
