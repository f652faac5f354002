#pragma once
// Which of a file's hashes count: strong ones; where there are none, weak ones still tell a damaged or exchanged file
// from the right one.

#include <algorithm>
#include <vector>

#include "base/hash.h"
#include "pep/dist_file.h"

namespace pkg::pep {

inline bool has_strong_hash(const std::vector<FileHash>& hashes) {
  return std::any_of(hashes.begin(), hashes.end(), [](const FileHash& one) { return hash::is_strong(one.algorithm); });
}

// Those to compare a file with. Never enough for what must be pinned: ask has_strong_hash.
inline std::vector<FileHash> hashes_that_count(const std::vector<FileHash>& hashes) {
  auto chosen = hashes;
  if (has_strong_hash(hashes))
    std::erase_if(chosen, [](const FileHash& one) { return !hash::is_strong(one.algorithm); });
  return chosen;
}

}  // namespace pkg::pep
