#pragma once
// A child process that is talked to while it runs, and that leaves nothing behind: it and all its descendants end with
// this object, with this program, or when the child itself ends. Between us and the child stands a guard
// (base/guard.h), this program executed again. For one command to its end without all this: base/process.h.

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/fs.h"
#include "base/result.h"
#include "base/secrets.h"

namespace pkg::process {

struct GuardedCommand {
  std::filesystem::path program;  // absolute
  std::vector<std::string> argv;
  Variables environment;
  std::filesystem::path directory;
  std::vector<int> descriptors;  // become 0, 1, 2 … of the child; all others are closed
  std::string confinement;       // what the guard's Confiner is made from; empty: none
};

// Whether a child could be confined so: one tries, and ends. unsupported with the step that failed.
Status try_out(const std::string& confinement);

// Own session without a terminal, own process group, default signal dispositions. From the first one on, other
// processes of the same user cannot look into this program's memory and environment (PR_SET_DUMPABLE), unless they are
// root's; and what outlives a guard becomes a child of this program (PR_SET_CHILD_SUBREAPER), which ends it.
class GuardedChild {
 public:
  // io · not_found: the program or folder · unsupported: the confinement failed
  static Result<GuardedChild> start(const GuardedCommand& command);
  GuardedChild(GuardedChild&& other) noexcept;
  GuardedChild& operator=(GuardedChild&& other) noexcept;
  ~GuardedChild();  // stop()

  // Readable (end of file) when the child and everything it started is gone. -1 after stop().
  int end_descriptor() const { return life_.get(); }
  // Kills what still runs and returns the child's exit code, 128 + signal when it was killed. Takes a few milliseconds;
  // at most some seconds, for what cannot be killed.
  int stop();

 private:
  GuardedChild(pid_t guard, fs::Fd life) : guard_(guard), life_(std::move(life)) {}
  pid_t guard_ = -1;
  int exit_code_ = -1;
  fs::Fd life_;
};

}  // namespace pkg::process
