#pragma once
// `pkg lock`: pyproject.toml (or a script) in, pylock.toml out. And what sync, run and export do first.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "lock/lock_file.h"
#include "lock/lock_resolution.h"
#include "ops/lock/lock_subject.h"
#include "ops/project/project.h"
#include "ops/session/session.h"
#include "ops/solve/solve.h"

namespace pkg::ops {

struct LockReport {
  std::filesystem::path path;
  bool fresh = false;    // the lock was up to date: nothing was resolved
  bool written = false;  // false too when the resolution gave the bytes that were there
  bool differs = false;  // from what was there: was written, or would be without dry_run
  bool dry_run = false;
  bool is_trial = false;  // of a script without a lock: resolved to see that it can be, and nothing to write
  std::string digest;     // of the inputs
  lock::LockFile lock;    // empty when fresh
  std::vector<lock::LockChange> changes;
  std::vector<lock::LockChange> build_changes;  // of what sources are built with
  std::vector<std::string> notes;               // choices made for the user, one line each
  std::vector<std::string> warnings;
  double seconds = 0;
};

// The lock of the project in session.working_folder(), or of options.script. A fresh lock costs reading pyproject.toml
// and the lock's last lines: no interpreter, index or cache is opened. What is there stays when anything fails.
// conflict · stale (check: the lock does not fit the project any more, or with an upgrade is not what would be locked
// now; the message says what changed).
Result<LockReport> lock_project(const LockOptions& options, Session& session);
// The same for inputs that were read already. Errors: conflict, as above; those of lock_text, requirements_of and
// lock_anew.
Result<LockReport> lock_subject(const LockSubject& subject, const LockOptions& options, Session& session);

// A git merge driver: the three locks are merged package by package, what does not fit together is resolved again, and
// `ours` is written. Without a project (the driver runs in the root of the working tree) it is resolved for the project
// there.
struct MergeFiles {
  std::string base, ours, theirs;
};
// not_found, bad_data, unsupported: one of the three (an empty one is a lock that was not there). Others: those of
// read_lock_subject, requirements_of and lock_anew.
Result<LockReport> merge_locks(const MergeFiles& files, const LockOptions& options, Session& session);

}  // namespace pkg::ops
