#pragma once
// Which environment a command works on that is about environments, such as install and list
// (docs/reference/commands.md#which-environment). Verbs of projects: ops/environment/project_environment.h.

#include <filesystem>
#include <optional>
#include <string>

#include "base/result.h"
#include "ops/session/session.h"
#include "venv/environment.h"
#include "venv/interpreter/interpreter.h"

namespace pkg::ops {

struct EnvironmentOptions {
  std::string python;   // an environment folder, an interpreter, or a version; empty: discover. Of a project's
                        // environment: what it is made of
  std::string target;   // --target DIR
  std::string prefix;   // --prefix DIR
  std::string root;     // --root DIR
  bool user = false;    // --user
  bool system = false;  // --system: the default interpreter's own site-packages
  bool break_system_packages = false;
  bool require_virtualenv = false;
  bool active = false;           // --active: a project's verb takes the active environment
  std::filesystem::path folder;  // of callers in ops: this environment, whatever else is said

  bool names_place() const { return !target.empty() || !prefix.empty() || !root.empty() || user || system; }
};

enum class WhenMissing { make_venv, fail };
// What follows. read: nothing in an environment is changed. plan: the same, of a change (--dry-run): no environment is
// made either. write: PEP 668 is honoured, and what a killed command left is undone or finished first.
enum class Access { read, plan, write };

struct ChosenEnvironment {
  venv::Environment environment = {};
  bool created = false;  // it was made for this command
  bool found = false;    // it is the .venv of the working folder or one above: nobody named or activated it
  // One sentence about what was there and did not fit, where it was made in the place of that; empty otherwise.
  std::string made_again = {};
  // Of a plan: what is not there, and would be made with this interpreter.
  std::optional<venv::Interpreter> would_be = std::nullopt;
};

// The interpreter of what was chosen, or would be made. Errors: those of interpreter_to_use().
Result<venv::Interpreter> interpreter_of(const ChosenEnvironment& chosen, Session& session);

// not_found: there is none, and where it was looked · usage: two places are named, or require_virtualenv and it is none
// · conflict: an interpreter's own packages would be changed that --system or its path did not name, or that its
// distributor manages (PEP 668); user packages that it does not see · bad_data: an environment is damaged · io · what
// settle_project_environment() gives where one is made.
Result<ChosenEnvironment> choose_environment(const EnvironmentOptions& options, WhenMissing when_missing, Access access,
                                             Session& session);

// What a killed command left in the environment: with Access::write it is undone or finished, else a warning says that
// it waits. busy: another command changes it · what venv::recover() gives.
Status settle_interrupted(const venv::Environment& environment, Access access, Session& session);

// Where nothing is left to do: it may be another command, on its way, that left nothing; what comes next may rely on
// it. Errors: those of settle_interrupted().
Status wait_for_others(const venv::Environment& environment, Session& session);

}  // namespace pkg::ops
