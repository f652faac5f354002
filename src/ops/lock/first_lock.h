#pragma once
// What a project's first lock begins with: the versions that another tool locked for it, as preferences.

#include <filesystem>
#include <string>

#include "base/result.h"
#include "lock/foreign_lock.h"
#include "lock/lock_file.h"
#include "ops/lock/lock.h"
#include "ops/lock/lock_subject.h"

namespace pkg::ops {

// Versions and commits, as lock::parse_foreign_lock gives them, and the file that they are of.
struct FirstPins {
  lock::LockFile lock;
  std::string file;
};

// The lock of another tool, which its file name says. Errors: io, not_found; those of lock::parse_foreign_lock.
Result<lock::ForeignPins> read_foreign_lock(const std::filesystem::path& path);

// lock_subject (lock.h) where there is no lock yet. Preferred are `pins`; null: those of the first of
// lock::kForeignLocks that lies in the project's root, scripts have none. A note in the report names the file; one that
// cannot be read is a warning. Errors: those of requirements_of and lock_anew (conflict …).
Result<LockReport> lock_first(const LockSubject& subject, const LockOptions& options, const FirstPins* pins,
                              Session& session);

}  // namespace pkg::ops
