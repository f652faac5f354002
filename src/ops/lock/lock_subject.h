#pragma once
// What a lock is made from: the project or script, the options, and their digest, which says whether a lock still fits.

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "lock/lock_file.h"
#include "lock/lock_resolution.h"
#include "ops/inputs/inputs.h"
#include "ops/project/project.h"
#include "ops/session/session.h"
#include "ops/solve/solve.h"

namespace pkg::ops {

struct LockOptions {
  ResolveOptions resolve;
  InputOptions
      inputs;  // constraints, overrides and excludes of the command line and the settings; the rest is not looked at
  std::string script;  // --script x.py: lock that instead of the project
  std::string output;  // default: pylock.toml at the project's root, or pylock.SCRIPT.toml
  bool check = false;  // say whether the lock is fresh; write nothing
  bool dry_run = false;
  bool mirror_neutral = false;
  bool strict_requires_python = false;
  std::optional<bool> fewest_versions;
  std::string python;   // gives requires-python where the project has none
  std::string explain;  // --explain NAME
};

// A project or a script, ready to be locked.
struct LockSubject {
  Project project;  // of a script: its block as if it were a pyproject.toml
  bool is_script = false;
  std::filesystem::path lock_path;
  Inputs inputs;                                             // of LockOptions::inputs
  ResolveOptions resolve;                                    // of LockOptions, and what a script's block says
  std::vector<std::pair<std::string, std::string>> options;  // resolution options that differ from the defaults, sorted
  std::string digest;                                        // hex
  // What counts for it: the session's, with what its project or script, and the files of `inputs`, say.
  index::Settings settings;
  BuildOptions build_options;
};

// Errors: those of open_project, or of open_script and apply_script_settings; those of read_inputs.
Result<LockSubject> read_lock_subject(const LockOptions& options, const Session& session);

// Once more after the project of `subject` was changed: its digest, and which projects come from which index.
void settle(LockSubject& subject, const LockOptions& options);

// What the command goes on with once the subject is read.
Session& session_for(const LockSubject& subject, Session& session);

// The lock file of a script: "pylock.NAME.toml" beside it, with what a lock's name may hold.
std::filesystem::path script_lock_path(const std::filesystem::path& script);

// The head of the lock of `subject`. `requires_python` is of the project, or what was chosen for it.
lock::LockHeader lock_header(const LockSubject& subject, const ProjectRequirements& requirements,
                             std::optional<pep::SpecifierSet> requires_python, bool mirror_neutral,
                             const Session& session);

// What differs between the lock and what it would be made from now, one line each; empty: no difference that is known.
std::vector<std::string> differences(const lock::LockFile& lock, const LockSubject& subject,
                                     const ProjectRequirements& requirements);

}  // namespace pkg::ops
