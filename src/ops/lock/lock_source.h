#pragma once
// The lock that sync, run and export work from: found, locked again where it is stale, read.

#include <filesystem>
#include <optional>
#include <string>

#include "base/result.h"
#include "lock/lock_file.h"
#include "ops/lock/lock.h"
#include "ops/lock/lock_subject.h"
#include "ops/lock/locked_pins.h"
#include "ops/project/member_choice.h"
#include "ops/session/session.h"

namespace pkg::ops {

struct LockUse {
  LockOptions lock;     // how the project is locked first, where its lock is stale
  std::string file;     // a lock file of any tool; empty: the project's
  bool locked = false;  // a stale lock is an error
  bool frozen = false;  // take the lock as it is, whatever pyproject.toml asks for now
  bool dry_run = false;
  MemberOptions members;  // of a workspace, whose part of the lock is meant
};

// Where the lock is, and the project it is of when that is looked at.
struct LockSource {
  std::filesystem::path path;
  std::optional<LockSubject> subject;
  std::optional<Project> frozen;  // --frozen: the project beside the lock, whose own packages are installed; what it
                                  // asks for does not count
  const Project* project() const { return subject ? &subject->project : frozen ? &*frozen : nullptr; }
};
// Of the project in session.working_folder(), of use.lock.script, or use.file. not_found: neither a project nor a lock.
Result<LockSource> find_lock(const LockUse& use, const Session& session);

// What the command goes on with once the lock is found.
Session& session_for(const LockSource& source, Session& session);

struct OpenedLock {
  lock::LockFile lock;
  std::string digest;                // of its inputs; empty: not one of pkg's
  std::optional<LockReport> report;  // when the project was locked or found to be fresh
};
// Locks first where the lock is stale, with the session for `source`. Errors: those of lock_subject; what parse_pylock
// says.
Result<OpenedLock> open_lock(const LockUse& use, const LockSource& source, Session& session);

LockPlace place_of(const LockSource& source);

// What comes of a build that the lock does not fit.
inline WhenUnlocked when_unlocked(const LockUse& use) {
  const bool is_taken_as_it_is = use.locked || use.frozen || !use.file.empty();
  return is_taken_as_it_is ? WhenUnlocked::fail : WhenUnlocked::resolve;
}

}  // namespace pkg::ops
