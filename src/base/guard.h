#pragma once
// The process between pkg and a command (base/child.h): this program, executed again with no environment and no memory
// of pkg's, so that there is nothing to see in it. It becomes the parent of what the command's processes leave behind,
// and kills until nothing is left when the command ends or when its connection to pkg does.

#include <memory>
#include <optional>
#include <string>

namespace pkg::process {

// Puts a command into a place of its own before it begins. The steps are asked for in this order; each answers 0 or
// errno, and `step` then says what failed ("cannot make namespaces for").
class Confiner {
 public:
  virtual ~Confiner() = default;
  virtual int enter_guard(const char*& step) = 0;
  // Whether the guard's next child is the first process of a namespace: it then prepares the place, and stands guard
  // inside.
  virtual bool has_first_process() const = 0;
  virtual int enter_first_process(const char*& step) = 0;
  // In the command's process, just before exec. `listener`: a descriptor that the guard watches from now on, or -1.
  virtual int enter_command(const char*& step, int& listener) = 0;
  // In the guard, outside of what enter_command did: `listener` is readable.
  virtual void answer(int listener) = 0;
};

// nullptr: the text describes no confinement.
using MakeConfiner = std::unique_ptr<Confiner> (*)(const std::string& description);

// First in main(): ends the process if it is a guard's.
void run_if_guard(int argc, char** argv, MakeConfiner make);

// --- For base/child.cpp.

inline constexpr const char* kGuardName = "pkg-guard";

// What a guard tells when it fails.
struct GuardFailure {
  int error = 0;
  bool is_confinement = false;
  char step[120] = {};
};

}  // namespace pkg::process
