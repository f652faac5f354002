#pragma once
// How work below tells what it is doing. Only src/cli prints; libraries call a Reporter, from any thread.

#include <cstdint>
#include <string>

namespace pkg {

enum class TransferKind { page, metadata, wheel };

class Reporter {
 public:
  virtual ~Reporter() = default;
  virtual void warning(
      const std::string& message) = 0;  // once per message; foreign text is made printable by the receiver
  virtual void note(const std::string& message) = 0;  // shown with -v
  // Shown with -vv and kept by --log: which page, file, interpreter or build was used. Where the text costs something,
  // ask whether anybody reads it.
  virtual bool wants_details() const { return false; }
  virtual void detail(const std::string& message) { (void)message; }
  // A transfer that may take a while. `total_bytes` 0: unknown.
  virtual void transfer_started(std::uint64_t id, TransferKind kind, const std::string& name,
                                std::uint64_t total_bytes) = 0;
  virtual void transfer_progress(std::uint64_t id, std::uint64_t done_bytes) = 0;
  virtual void transfer_finished(std::uint64_t id) = 0;
  // Counted work: "Resolving", "Installing" … of `total` (0: unknown).
  virtual void step(const std::string& phase, const std::string& item, std::uint64_t done, std::uint64_t total) = 0;
  // One line about something that nobody asked for by name, and that happens now. Shown, but with -q.
  virtual void notice(const std::string& message) { note(message); }
};

}  // namespace pkg
