#pragma once
// The cache folder: its parts, their format versions, the lock that keeps them in place while they are used, and its
// maintenance. Layout and formats: docs/internals/cache-layout.md.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/fs.h"
#include "base/result.h"
#include "pep/name.h"

namespace pkg::index {

// Where things lie below the cache's root. A changed format gets a new number: old and new programs share one cache.
struct CachePaths {
  fs::Path root;
  fs::Path lock() const { return root / "lock"; }
  fs::Path pages() const { return root / "pages-v3"; }
  fs::Path metadata() const { return root / "metadata-v2"; }
  fs::Path wheels() const { return root / "wheels-v1"; }
  fs::Path links() const { return root / "links-v2"; }
  fs::Path sdists() const { return root / "sdists-v1"; }
  fs::Path built() const { return root / "built-v2"; }
  fs::Path built_for() const { return built() / "for"; }  // which build a request came to
  fs::Path repositories() const { return root / "git-v1"; }
  fs::Path build_environments() const { return root / "build-envs-v1"; }  // made and filled by ops
  fs::Path environments() const { return root / "environments-v2"; }      // made and filled by ops
  fs::Path tool_runs() const { return root / "tool-runs-v1"; }            // which environment a run of a tool came to
  fs::Path scripts() const { return root / "scripts-v1"; }                // likewise
  fs::Path tmp() const { return root / "tmp"; }
};

// The cache in use: while it lives nobody removes anything from below it (a shared lock). Made on the first use, with a
// CACHEDIR.TAG. A cache that cannot be written (read-only medium) opens all the same; storing then fails, reading does
// not.
class Cache {
 public:
  // io: it is there and cannot be used · busy: it is being cleaned · unsupported: what prepare_cache() refuses.
  static Result<Cache> open(const fs::Path& root);
  const CachePaths& paths() const { return paths_; }
  Status make_tmp() const;  // tmp/ is made by the first that needs it; io

 private:
  Cache(CachePaths paths, std::optional<fs::FileLock> lock) : paths_(std::move(paths)), lock_(std::move(lock)) {}
  CachePaths paths_;
  std::optional<fs::FileLock> lock_;
};

struct CacheInfo {
  std::uint64_t pages = 0, metadata = 0, wheels = 0, bytes = 0;
  std::uint64_t sdists = 0, built = 0, repositories = 0, build_environments = 0;
};

struct CachedWheel {
  std::string sha256_hex;  // of the wheel file
  std::string name, version;
  std::uint64_t bytes = 0, files = 0;  // unpacked
  std::int64_t last_used = 0;          // unix seconds, a day's precision
};

struct CacheRemoval {
  std::uint64_t files = 0, bytes = 0;
  std::uint64_t kept_wheels = 0;  // that environments link to (link mode symlink) and would break without
};

enum class LinkedWheels : std::uint8_t { keep, remove };

struct PruneOptions {
  std::int64_t now = 0;  // unix seconds
  std::optional<std::int64_t>
      unused_for_s;  // what was not used for so long goes too; absent: only litter and old formats
};

struct CacheDamage {
  std::string sha256_hex, name, version;  // name and version are empty when the manifest is the damaged part
  std::string what;                       // "`numpy/__init__.py` has another hash than when it was stored"
  bool removed = false;
};

enum class DamagedWheels : std::uint8_t { report, remove };

// Maintenance. `root` may not exist: then there is nothing. Nothing is removed from a folder without pkg's tag
// (unsupported). Those that remove wait at most wait_s for running commands to end, then fail with busy.
// Besides: io.
Result<CacheInfo> cache_info(const fs::Path& root);
Result<std::vector<CachedWheel>> cache_list(const fs::Path& root);  // sorted by name and version
// No names: everything. `linked`: what becomes of wheels that environments link to. unsupported, busy, io: see above.
Result<CacheRemoval> cache_clean(const fs::Path& root, std::span<const pep::Name> names, double wait_s,
                                 LinkedWheels linked = LinkedWheels::keep);
// Wheels that environments have files of are kept, however old. unsupported, busy, io: see above.
Result<CacheRemoval> cache_prune(const fs::Path& root, const PruneOptions& options, double wait_s);
// Hashes every stored file again, on all cores: of wheels, of sdists, and built wheels. Repositories are left to git,
// which checks what it reads. Damaged wheels that environments link to are not removed: the next installation replaces
// them. Damage is the answer and no error; unsupported, busy, io: see above.
Result<std::vector<CacheDamage>> cache_verify(const fs::Path& root, DamagedWheels damaged, double wait_s);

}  // namespace pkg::index
