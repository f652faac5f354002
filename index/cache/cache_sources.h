#pragma once
// What upkeep of the cache (index/cache/cache.h) does to sources: archives, built wheels, mirrors of repositories,
// build environments.

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "base/fs.h"
#include "base/result.h"
#include "index/cache/cache.h"

namespace pkg::index {

// What lies two levels below a part of the cache: "ab/abcd…".
struct Sharded {
  fs::Path path;
  std::string name;
};
std::vector<Sharded> sharded(const fs::Path& part);

using Remove = std::function<Status(const fs::Path&)>;

void count_sources(const CachePaths& paths, CacheInfo& info);
// Archives, built wheels and metadata of these projects. Errors: those of `remove` (io).
Status clean_sources_of(const CachePaths& paths, const std::set<std::string>& names, const Remove& remove);
Status prune_unused_sources(const CachePaths& paths, std::int64_t before, const Remove& remove);

struct DamagedSource {
  CacheDamage damage;
  fs::Path path;  // to remove
};
// Archives and built wheels that are not what their hash says.
std::vector<DamagedSource> damaged_sources(const CachePaths& paths);

}  // namespace pkg::index
