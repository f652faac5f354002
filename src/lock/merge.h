#pragma once
// Three-way merge of lock files as data: what `pkg lock --merge BASE OURS THEIRS` starts its re-solve from.

#include <vector>

#include "lock/lock_file.h"
#include "resolver/problem.h"

namespace pkg::lock {

// Points into the arguments of merge().
struct MergeResult {
  std::vector<resolver::Preference> preferences;  // sorted by name
  bool trivial = false;             // one side equals the base, or both sides are the same: nothing needs to be solved
  const LockFile* taken = nullptr;  // trivial: the side whose text is the result; else nullptr
};

// For each project the side that changed it (added, removed, other versions, files or markers). Where both did, and
// differently: the side with the newer version, ours when that is the same. Where one side removed it and the other
// changed it, the change: a preference for what is no longer asked for does nothing.
MergeResult merge(const LockFile& base, const LockFile& ours, const LockFile& theirs);

}  // namespace pkg::lock
