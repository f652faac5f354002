#pragma once
// Resolution → LockFile, LockFile → preferences of the next resolution, and the difference of two locks.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "lock/lock_file.h"
#include "resolver/problem.h"
#include "resolver/resolution.h"

namespace pkg::lock {

// What a lock says besides its packages.
struct LockHeader {
  std::optional<pep::SpecifierSet> requires_python;
  std::vector<pep::Marker> environments;
  std::vector<pep::Name> extras, dependency_groups, default_groups;
  LockTool tool;
  std::string created_by = "pkg";
  std::vector<std::pair<std::string, std::string>> index_urls;  // DistFile::index (name or redacted URL) → URL to write
};

// Files whose URL is "file:" below `lock_folder` are written as paths. With tool.mirror_neutral neither URLs nor
// indexes are written, except direct URLs. A Requires-Python is left out when the lock's own does not imply its upper
// bounds (docs/reference/lockfile.md). The standard wants a hash for each file: one without is left out where its
// release has others; where it has none, check_hashes says so. tool.version is set.
LockFile lock_of(const resolver::Resolution& resolution, LockHeader header, const std::string& lock_folder);

// Which of the release's sdists lock_of writes, of a pin that is not direct; nullptr: it has none.
const pep::DistFile* sdist_to_lock(const resolver::Pin& pin);

// unsupported, when a file of the lock has no hash: no reader would take what is written of it.
Status check_hashes(const LockFile& lock);

std::vector<resolver::Preference> preferences_of(const LockFile& lock);

// Revisions that were locked: SourceUrl texts, as they were asked for, to commits. Without those of `lifted`.
std::map<std::string, std::string> commits_of(const LockFile& lock, const std::set<pep::Name>& lifted);

// One project's change. Versions are sorted, newest first; empty: not there. Upgraded, downgraded: the newest version,
// or with that the same, the oldest. changed: the same newest and oldest, but others between them, other files or
// another marker.
struct LockChange {
  enum class Kind { added, removed, upgraded, downgraded, changed } kind = Kind::added;
  pep::Name name;
  std::vector<pep::Version> before, after;
  bool operator==(const LockChange&) const = default;
};
std::vector<LockChange> difference(const LockFile& before, const LockFile& after);  // sorted by name
// The same of tool.build_packages.
std::vector<LockChange> build_difference(const LockFile& before, const LockFile& after);

}  // namespace pkg::lock
