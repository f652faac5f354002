#pragma once
// `pkg lock`: pyproject.toml (or a script) in, pylock.toml out. And what sync, run and export do first.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "lock/lock_file.h"
#include "lock/lock_resolution.h"
#include "ops/project.h"
#include "ops/session.h"
#include "ops/solve.h"

namespace pkg::ops {

struct LockOptions {
  ResolveOptions resolve;
  std::string script;        // --script x.py: lock that instead of the project
  std::string output;        // default: pylock.toml at the project's root, or pylock.SCRIPT.toml
  bool check = false;        // say whether the lock is fresh; write nothing
  bool dry_run = false;
  bool mirror_neutral = false;
  bool strict_requires_python = false;
  std::optional<bool> fewest_versions;
  std::string python;        // gives requires-python where the project has none
  std::string explain;       // --explain NAME
};

struct LockReport {
  std::filesystem::path path;
  bool fresh = false;    // the lock was up to date: nothing was resolved
  bool written = false;
  lock::LockFile lock;   // empty when fresh
  std::vector<lock::LockChange> changes;
  std::vector<std::string> warnings;
  double seconds = 0;
};

// conflict · stale (check: the lock does not fit the project any more; the message says what changed).
Result<LockReport> lock_project(const LockOptions& options, Session& session);

}  // namespace pkg::ops
