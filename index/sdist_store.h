#pragma once
// Archives of sources in the cache, by their sha256 (docs/internals/cache-layout.md#sdists): downloaded once, hashed
// again before each use.

#include <string>

#include "base/fs.h"
#include "base/result.h"
#include "index/cache/cache.h"
#include "index/download.h"
#include "index/refresh.h"
#include "index/wheels/wheel_store.h"
#include "pep/dist_file.h"

namespace pkg::index {

struct StoredArchive {
  fs::Path path;
  std::string sha256_hex;
};

// Threads: any. Processes: any number.
class SdistStore {
 public:
  // `links`: remembers what a URL was whose file announces no sha256.
  SdistStore(CachePaths paths, Downloader& downloader, const WheelStore& links, bool offline, bool verify_hashes,
             Refresh refresh)
      : paths_(std::move(paths)),
        downloader_(downloader),
        links_(links),
        offline_(offline),
        verify_(verify_hashes),
        refresh_(std::move(refresh)) {}

  // The archive `file` (without fragment in its URL), from the cache or else downloaded, its hashes checked. A cache
  // that cannot be written gets around: the archive is then put below `spare`. Errors: as the Downloader's; not_found:
  // offline and not there.
  Result<StoredArchive> get(const pep::DistFile& file, const fs::Path& spare);

 private:
  fs::Path place(const std::string& hex) const { return paths_.sdists() / hex.substr(0, 2) / hex; }
  Result<StoredArchive> download(const pep::DistFile& file, const fs::Path& spare);
  bool is_intact(const std::string& hex, const pep::DistFile& file) const;

  const CachePaths paths_;
  Downloader& downloader_;
  const WheelStore& links_;
  const bool offline_, verify_;
  const Refresh refresh_;
};

}  // namespace pkg::index
