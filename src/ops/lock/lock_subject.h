#pragma once
// What a lock is made from: the project or script, the options, and their digest, which says whether a lock still fits.

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
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
  std::optional<bool> mirror_neutral;  // nullopt: as the lock that is there
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
  bool mirror_neutral = false;
  std::string digest;  // hex
  // What counts for it: the session's, with what its project or script, and the files of `inputs`, say.
  index::Settings settings;
  BuildOptions build_options;
};

// Errors: those of open_project, or of open_script and apply_script_settings; those of read_inputs.
Result<LockSubject> read_lock_subject(const LockOptions& options, const Session& session);

// The same for a lock without addresses: what is locked again where the old lock has none, and nobody says otherwise.
LockSubject made_neutral(LockSubject subject);
// `digest` is of a lock that `subject` fits, of either kind where `options` do not say which.
bool fits(const LockSubject& subject, const LockOptions& options, const std::string& digest);

// Once more after the project of `subject` was changed: its digest, and which projects come from which index.
void settle(LockSubject& subject);

// What the command goes on with once the subject is read.
Session& session_for(const LockSubject& subject, Session& session);

// Values of options as a lock tells them: ":all:,a,b"; requirements, sorted and without credentials.
std::string names_text(const std::set<pep::Name>& names, bool all);
std::string constraints_text(std::vector<pep::Requirement> constraints);

// The lock file of a script: "pylock.NAME.toml" beside it, with what a lock's name may hold.
std::filesystem::path script_lock_path(const std::filesystem::path& script);

}  // namespace pkg::ops
