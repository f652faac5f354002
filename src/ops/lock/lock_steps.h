#pragma once
// The steps that locking and merging locks share. Internal to ops.

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "lock/lock_file.h"
#include "ops/lock/lock.h"
#include "resolver/problem.h"

namespace pkg::ops {

// Stands for the digest in a lock that was merged before the project was: it fits no project.
inline constexpr std::string_view kMergedDigest = "merged";

// The lock that is there.
struct OldLock {
  std::string text;
  std::optional<lock::LockFile> parsed;  // absent: there is none, or it is damaged
};

// Empty when there is none. bad_data: it is too large · io.
Result<std::string> lock_text(const std::filesystem::path& path);
// The lock in `path`, whose text is given back too, when that is wanted. not_found · io · bad_data, unsupported: see
// parse_pylock.
Result<lock::LockFile> read_lock_file(const std::filesystem::path& path, std::string* text = nullptr);
// A damaged lock gives no preferences; what it said is lost anyhow.
OldLock parse_old_lock(std::string text, const std::filesystem::path& path, std::vector<std::string>& warnings);

LockReport begin_report(const LockSubject& subject, const LockOptions& options);

// Resolves, and publishes where the bytes differ. Fills in the report. conflict: no solution, or a package that
// would move to another index unasked · unsupported: a file
// without a hash · not_found: no Python for projects that do not say which, or no index of a name that a source gives ·
// interrupted · io. Others: those of universal_problem, solve and complete_hashes.
Status lock_anew(const LockSubject& subject, const LockOptions& options, const ProjectRequirements& requirements,
                 const OldLock& old, std::span<const resolver::Preference> preferences, LockReport& report,
                 Session& session);

}  // namespace pkg::ops
