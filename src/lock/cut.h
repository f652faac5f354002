#pragma once
// A lock without some of what it holds: what only a group needs (--only-group), or all but what only some packages need
// (--prune). Follows the lock's dependencies, for every environment at once.

#include <optional>
#include <vector>

#include "base/result.h"
#include "lock/lock_file.h"
#include "lock/partial_marker.h"
#include "pep/requirement.h"

namespace pkg::lock {

struct Cut {
  bool only_groups = false;       // begin with what the chosen groups ask for, not with the project itself
  std::vector<pep::Name> pruned;  // these go, and what nothing else needs
  // Begin with these, whose markers say where, and not with what the lock's own project asks for: of some members of a
  // workspace (only_groups does not count then).
  std::optional<std::vector<pep::Requirement>> roots = std::nullopt;
  bool is_set() const { return only_groups || !pruned.empty() || roots.has_value(); }
};

// Markers of the answer are decided for `parts`, and say where a package is still needed. unsupported: a lock that does
// not say what its project asks for (another tool's). bad_data: that list has what is no requirement.
Result<LockFile> cut_lock(const LockFile& lock, const ChosenParts& parts, const Cut& cut);

}  // namespace pkg::lock
