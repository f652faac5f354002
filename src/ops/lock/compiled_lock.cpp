#include "ops/lock/compiled_lock.h"

#include <utility>

#include "lock/lock_resolution.h"
#include "lock/one_target.h"
#include "lock/pylock.h"
#include "ops/lock/lock_hashes.h"
#include "ops/lock/lock_told.h"

namespace pkg::ops {

Result<std::string> compiled_lock(CompileReport& report, const std::filesystem::path& path) {
  PKG_TRY(complete_hashes(report.resolution, WhichHashes::needed, *report.session));
  lock::LockHeader header;
  header.requires_python = report.pythons;
  add_index_urls(header, report.session->settings());
  auto lock = lock::lock_of(report.resolution, std::move(header), path.parent_path().string());
  PKG_TRY(lock::check_hashes(lock));
  lock.tool = {};  // it has no project, and nothing that could make it stale
  if (!report.pythons) {
    PKG_TRY_ASSIGN(lock, lock::for_one_target(lock, report.target, {}));
  }
  return lock::write_pylock(lock);
}

}  // namespace pkg::ops
