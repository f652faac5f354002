#pragma once
// Which environment a command works on (docs/commands.md#which-environment).

#include <filesystem>
#include <optional>
#include <string>

#include "base/result.h"
#include "ops/session/session.h"
#include "venv/environment.h"
#include "venv/interpreter/interpreter.h"

namespace pkg::ops {

struct EnvironmentOptions {
  std::string python;   // an environment folder, an interpreter, or a version; empty: discover
  std::string target;   // --target DIR
  std::string prefix;   // --prefix DIR
  std::string root;     // --root DIR
  bool user = false;    // --user
  bool system = false;  // --system: the default interpreter's own site-packages
  bool break_system_packages = false;
  bool require_virtualenv = false;
  // Where a .venv is made, and for which Python: a project's root and requires-python. Empty: the working folder, the
  // default Python.
  std::filesystem::path folder_of_new;
  std::string python_of_new;
};

enum class WhenMissing { make_venv, fail };
// What follows. read: nothing is changed. plan: the same, of a change (--dry-run): PEP 668 is honoured. write: PEP 668
// is honoured, and what a killed command left is undone or finished first. later: the caller calls
// settle_interrupted().
enum class Access { read, plan, write, later };

struct ChosenEnvironment {
  venv::Environment environment;
  bool created = false;  // .venv was made for this command
  bool found = false;    // it is the .venv of the working folder or one above: nobody named or activated it
};

// not_found says where it looked.
Result<ChosenEnvironment> choose_environment(const EnvironmentOptions& options, WhenMissing when_missing, Access access,
                                             Session& session);

// What a killed command left in the environment: with Access::write it is undone or finished, else a warning says that
// it waits.
Status settle_interrupted(const venv::Environment& environment, Access access, Session& session);

}  // namespace pkg::ops
