#pragma once
// `pkg run`: what is to be executed, in which environment, once the project is locked and synced.
//
// A script with a "# /// script" block has an environment of its own below the cache folder, kept from one run to the
// next. --with gives the command a further environment in front of the project's:
// docs/internals/decisions/0007-run-with.md.

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "ops/install/sync_lock.h"
#include "ops/session/session.h"

namespace pkg::ops {

struct RunOptions {
  SyncOptions sync;
  std::vector<std::string> command;     // and its arguments; empty with `module`: not allowed either
  std::vector<std::string> with;        // requirements, for this run only
  std::vector<std::string> with_files;  // the same, as requirements files
  bool script = false;                  // command[0] is a Python script whatever it is called
  bool module = false;                  // command[0] is a module: python -m
  bool no_sync = false;                 // take the environment as it is
  bool no_project = false;              // leave the project aside
};

struct RunPlan {
  std::filesystem::path program;
  std::vector<std::string> argv;
  std::vector<std::pair<std::string, std::optional<std::string>>> variables;  // set; nullopt: unset
  std::optional<SyncReport> sync;
  std::optional<InstallReport> script_environment, with_environment;  // when something was installed there
  std::filesystem::path made;                                         // the environment that was made
  std::string made_again;                                             // as ChosenEnvironment's
};

// usage (no command) · not_found (no such command in the environment or PATH) · what sync_lock and install give.
Result<RunPlan> plan_run(const RunOptions& options, Session& session);

// Becomes the program. Returns only when that fails. Signals are handled as by default from here on.
Error become(const RunPlan& plan);

}  // namespace pkg::ops
