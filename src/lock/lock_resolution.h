#pragma once
// Resolution → LockFile, LockFile → preferences of the next resolution, and the difference of two locks.

#include <string>
#include <vector>

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

// Files whose URL is "file:" below `lock_folder` are written as paths. With tool.mirror_neutral neither URLs nor indexes are written.
LockFile lock_of(const resolver::Resolution& resolution, LockHeader header, const std::string& lock_folder);

std::vector<resolver::Preference> preferences_of(const LockFile& lock);

// One project's change. Versions are sorted, newest first; empty: not there.
struct LockChange {
  enum class Kind { added, removed, upgraded, downgraded, changed } kind = Kind::added;  // changed: same versions, other files or marker
  pep::Name name;
  std::vector<pep::Version> before, after;
};
std::vector<LockChange> difference(const LockFile& before, const LockFile& after);  // sorted by name

}  // namespace pkg::lock
