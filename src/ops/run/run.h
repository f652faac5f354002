#pragma once
// `pkg run`: what is to be executed, in which environment, once the project is locked and synced.
//
// A script with a "# /// script" block has an environment of its own below the cache folder, kept from one run to the
// next. --with gives the command a further environment in front of the project's:
// docs/internals/decisions/0007-run-with.md. A task of the project (ops/project/tasks.h) is several steps, of which all
// but the last are waited for; a program is looked for when its step begins, since a step before may have made it.

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/foreground.h"
#include "base/result.h"
#include "ops/install/sync_lock.h"
#include "ops/session/session.h"

namespace pkg::ops {

struct RunOptions {
  SyncOptions sync;
  std::vector<std::string> command;        // and its arguments; empty with `module`: not allowed either
  std::vector<std::string> with;           // requirements, for this run only
  std::vector<std::string> with_editable;  // the same, as folders that are installed in place
  std::vector<std::string> with_files;     // the same, as requirements files
  std::vector<std::string> env_files;      // variables for the command; of two files the later one counts
  bool script = false;                     // command[0] is a Python script whatever it is called
  bool module = false;                     // command[0] is a module: python -m
  bool no_sync = false;                    // take the environment as it is
  bool no_project = false;                 // leave the project aside
  bool isolated = false;              // not in the project's environment, but in one that has only what is asked for
  std::optional<std::string> input;   // command[0] is "-": the script that standard input was
  std::filesystem::path script_file;  // where command[0] came from elsewhere: what its block is read from
};

using RunVariables = std::vector<std::pair<std::string, std::optional<std::string>>>;  // set; nullopt: unset

// One program, with its arguments.
struct RunStep {
  enum class Kind { program, file, module, input } kind = Kind::program;
  std::vector<std::string> words;
  RunVariables variables = {};
  std::filesystem::path folder = {};  // where it works; empty: where we do
  std::string task = {};              // whose command it is; empty: nobody's
};

// The first is the one whose Python runs; the last is the project's or the script's.
struct RunEnvironments {
  std::vector<venv::Environment> all;
  const venv::Environment& front() const { return all.front(); }
};

struct RunPlan {
  RunEnvironments environments;
  RunVariables variables;      // of files
  std::vector<RunStep> steps;  // not empty; the last one is what this process becomes
  std::string input;           // of a step of that kind
  std::optional<SyncReport> sync;
  std::optional<InstallReport> script_environment, with_environment;  // when something was installed there
  std::filesystem::path made;                                         // the environment that was made
  std::string made_again;                                             // as ChosenEnvironment's
};

// usage (no command, options that exclude each other) · not_found, bad_data (a file with variables, a task) · what
// sync_lock and install give.
Result<RunPlan> plan_run(const RunOptions& options, Session& session);

// The program of a step, looked for in the environments, then in PATH. not_found: there is none of that name, or
// no such script · unsupported: there is one that cannot be executed · io: a script from
// standard input that cannot be handed on.
Result<process::ForegroundCommand> command_of(const RunPlan& plan, const RunStep& step);

}  // namespace pkg::ops
