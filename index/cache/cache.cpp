#include "index/cache/cache.h"

#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include "base/text.h"
#include "index/cache/cache_place.h"

namespace pkg::index {
namespace {

constexpr double kLockWaitSeconds = 60;

}  // namespace

Result<Cache> Cache::open(const fs::Path& root) {
  CachePaths paths{root};
  auto lock = fs::FileLock::acquire(paths.lock(), fs::LockMode::shared, kLockWaitSeconds);
  if (!lock && lock.error().kind != ErrorKind::busy) {
    // The first use, or a cache that cannot be written: nobody can then remove anything from it either.
    if (!fs::exists(root)) PKG_TRY(prepare_cache(root));
    if (::access(root.c_str(), W_OK) != 0) return Cache(std::move(paths), std::nullopt);
    lock = fs::FileLock::acquire(paths.lock(), fs::LockMode::shared, kLockWaitSeconds);
  }
  PKG_TRY_ASSIGN(auto held,
                 std::move(lock).with([&] { return cat("while opening the cache ", quote(root.native())); }));
  return Cache(std::move(paths), std::move(held));
}

Status Cache::make_tmp() const {
  if (fs::is_directory(paths_.tmp())) return ok_status();
  return fs::make_dirs(paths_.tmp());
}

}  // namespace pkg::index
