#pragma once
// A child process that is talked to while it runs, and that leaves nothing behind: it and all its descendants end with this object, with
// this program, or when the child itself ends. Between us and the child stands a guard, a fork of this program without exec: it is the
// reaper of orphans (PR_SET_CHILD_SUBREAPER), so that what left the process group is found, too. A place for the child to be confined
// (namespaces, Landlock) before exec. For one command to its end without all this: base/process.h.

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "base/fs.h"
#include "base/result.h"

namespace pkg::process {

// What is done in the guard, between fork and exec: async-signal-safe calls only, no memory from the heap, no locks.
class Confinement {
 public:
  virtual ~Confinement() = default;
  // 0, or errno; `step` then says what failed (a string literal).
  virtual int enter(const char*& step) const noexcept = 0;
};

// Whether a child could enter it: one tries, and ends. unsupported with the step that failed.
Status try_out(const Confinement& confinement);

struct GuardedCommand {
  std::filesystem::path program;  // absolute
  std::vector<std::string> argv;
  std::vector<std::pair<std::string, std::string>> environment;
  std::filesystem::path directory;
  std::vector<int> descriptors;              // become 0, 1, 2 … of the child; all others are closed
  const Confinement* confinement = nullptr;  // for the call of start() only
};

// Own session without a terminal, own process group, default signal dispositions.
class GuardedChild {
 public:
  // io · not_found: the program or folder · unsupported: the confinement failed
  static Result<GuardedChild> start(const GuardedCommand& command);
  GuardedChild(GuardedChild&& other) noexcept;
  GuardedChild& operator=(GuardedChild&& other) noexcept;
  ~GuardedChild();  // stop()

  // Readable (end of file) when the child and everything it started is gone. -1 after stop().
  int end_descriptor() const { return life_.get(); }
  // Kills what still runs and returns the child's exit code, 128 + signal when it was killed. Takes a few milliseconds; at most some
  // seconds, for what cannot be killed.
  int stop();

 private:
  GuardedChild(pid_t guard, fs::Fd life) : guard_(guard), life_(std::move(life)) {}
  pid_t guard_ = -1;
  int exit_code_ = -1;
  fs::Fd life_;
};

}  // namespace pkg::process
