// info, list, clean, prune and verify of the cache (index/cache/cache.h).

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "base/tasks.h"
#include "base/text.h"
#include "index/cache/cache.h"
#include "index/cache/cache_place.h"
#include "index/cache/cache_sources.h"
#include "index/wheels/linked_wheels.h"
#include "index/wheels/wheel_store.h"

namespace pkg::index {
namespace {

struct Walked {
  fs::Path path;
  struct stat st;
};

// Every file and folder below `top` but itself, parents before children; links are not followed. What vanishes
// meanwhile is left out.
template <class Visit>
void walk(const fs::Path& top, Visit visit) {
  std::vector<fs::Path> folders{top};
  while (!folders.empty()) {
    const auto folder = std::move(folders.back());
    folders.pop_back();
    const auto names = fs::list_dir(folder);
    if (!names) continue;
    for (const auto& name : *names) {
      Walked found{folder / name, {}};
      if (::lstat(found.path.c_str(), &found.st) != 0) continue;
      visit(found);
      if (S_ISDIR(found.st.st_mode)) folders.push_back(std::move(found.path));
    }
  }
}

std::uint64_t disk_bytes(const struct stat& st) { return static_cast<std::uint64_t>(st.st_blocks) * 512; }

CacheRemoval measure(const fs::Path& path) {
  CacheRemoval total;
  const auto count = [&](const struct stat& st) {
    if (!S_ISDIR(st.st_mode)) ++total.files;
    total.bytes += disk_bytes(st);
  };
  struct stat st {};
  if (::lstat(path.c_str(), &st) == 0) count(st);
  walk(path, [&](const Walked& found) { count(found.st); });
  return total;
}

// Removes a file or folder and adds it to the bill.
Status remove_counted(const fs::Path& path, CacheRemoval& total) {
  const auto size = measure(path);
  PKG_TRY(fs::remove_tree(path));
  total.files += size.files;
  total.bytes += size.bytes;
  return ok_status();
}

std::vector<Sharded> wheel_folders(const CachePaths& paths) { return sharded(paths.wheels()); }

CachedWheel describe(const Sharded& folder, const pep::UnpackedWheel& wheel) {
  CachedWheel described;
  described.sha256_hex = folder.name;
  described.name = wheel.manifest.name.str();
  described.version = wheel.manifest.version.to_string();
  for (const auto& dir : wheel.manifest.dirs) {
    described.files += dir.files.size();
    for (const auto& file : dir.files) described.bytes += file.size;
  }
  struct stat st {};
  if (::stat((folder.path / "manifest").c_str(), &st) == 0) described.last_used = st.st_mtim.tv_sec;
  return described;
}

struct Part {
  fs::Path path;
  CachePart what;
};

// Nothing else below the root is touched, whatever the user named as cache.
Result<std::vector<Part>> parts(const CachePaths& paths) {
  PKG_TRY_ASSIGN(const auto names, fs::list_dir(paths.root));
  std::vector<Part> found;
  for (const auto& name : names)
    if (const auto what = cache_part(name)) found.push_back({paths.root / name, *what});
  return found;
}

Result<fs::FileLock> lock_for_removal(const CachePaths& paths, double wait_s) {
  PKG_TRY(check_is_cache(paths.root));
  auto lock = fs::FileLock::acquire(paths.lock(), fs::LockMode::exclusive, wait_s);
  if (!lock && lock.error().kind == ErrorKind::busy)
    return std::move(lock).error().with_hint("the cache is in use; try again when the other pkg commands have ended");
  return lock;
}

// Removes a wheel, unless environments link to it and it is to be kept then.
Status remove_wheel(const fs::Path& wheel, LinkedWheels linked, CacheRemoval& total) {
  if (linked == LinkedWheels::remove || !is_linked_to(wheel)) return remove_counted(wheel, total);
  ++total.kept_wheels;
  return ok_status();
}

Status clean_everything(const CachePaths& paths, LinkedWheels linked, CacheRemoval& total) {
  PKG_TRY_ASSIGN(const auto found, parts(paths));
  for (const auto& part : found)
    if (part.path != paths.wheels())
      PKG_TRY(remove_counted(part.path, total));  // environments among them, which are users of wheels
  for (const auto& folder : wheel_folders(paths)) PKG_TRY(remove_wheel(folder.path, linked, total));
  return total.kept_wheels == 0 ? remove_counted(paths.wheels(), total) : ok_status();
}

// Pages, bundles and links are files named after their project.
Status clean_named_files(const fs::Path& folder, const std::set<std::string>& names, CacheRemoval& total) {
  std::vector<fs::Path> doomed;
  walk(folder, [&](const Walked& found) {
    if (S_ISREG(found.st.st_mode) && names.count(found.path.stem().native()) != 0) doomed.push_back(found.path);
  });
  for (const auto& path : doomed) PKG_TRY(remove_counted(path, total));
  return ok_status();
}

Status clean_wheels_of(const CachePaths& paths, const std::set<std::string>& names, LinkedWheels linked,
                       CacheRemoval& total) {
  WheelStore store(paths, 1, 0);
  for (const auto& folder : wheel_folders(paths)) {
    const auto wheel = store.get(folder.name, RecordCheck::relaxed);
    if (wheel && names.count(wheel->manifest.name.str()) != 0) PKG_TRY(remove_wheel(folder.path, linked, total));
  }
  return ok_status();
}

Status prune_unused(const CachePaths& paths, std::int64_t before, CacheRemoval& total) {
  PKG_TRY(prune_unused_sources(paths, before, [&](const fs::Path& path) { return remove_counted(path, total); }));
  for (const auto& folder : wheel_folders(paths)) {
    struct stat st {};
    const bool is_used = ::stat((folder.path / "manifest").c_str(), &st) == 0 && st.st_mtim.tv_sec >= before;
    if (!is_used && !is_in_use(folder.path)) PKG_TRY(remove_counted(folder.path, total));
  }
  for (const auto& folder : {paths.pages(), paths.metadata(), paths.links()}) {
    std::vector<fs::Path> doomed;
    walk(folder, [&](const Walked& found) {
      if (S_ISREG(found.st.st_mode) && std::max(found.st.st_mtim.tv_sec, found.st.st_atim.tv_sec) < before)
        doomed.push_back(found.path);
    });
    for (const auto& path : doomed) PKG_TRY(remove_counted(path, total));
  }
  return ok_status();
}

// A folder of the store that is no wheel: its manifest is missing or cannot be read.
Status prune_broken_wheels(const CachePaths& paths, CacheRemoval& total) {
  WheelStore store(paths, 1, 0);
  for (const auto& folder : wheel_folders(paths))
    if (!store.get(folder.name, RecordCheck::relaxed)) PKG_TRY(remove_wheel(folder.path, LinkedWheels::keep, total));
  return ok_status();
}

std::vector<CacheDamage> damage_of(WheelStore& store, const Sharded& folder) {
  const auto wheel = store.get(folder.name, RecordCheck::relaxed);
  if (!wheel) return {CacheDamage{folder.name, "", "", "its manifest cannot be read", false}};
  const auto damaged = store.damaged_files(*wheel);
  std::vector<CacheDamage> all;
  const auto add = [&](std::string what) {
    all.push_back(
        {folder.name, wheel->manifest.name.str(), wheel->manifest.version.to_string(), std::move(what), false});
  };
  if (!damaged)
    add(damaged.error().message);
  else
    for (const auto& path : *damaged) add(cat(quote(path), " is missing or is not what was stored"));
  return all;
}

}  // namespace

Result<CacheInfo> cache_info(const fs::Path& root) {
  const CachePaths paths{root};
  CacheInfo info;
  if (!fs::exists(root)) return info;
  info.wheels = wheel_folders(paths).size();
  walk(paths.pages(), [&](const Walked& found) { info.pages += S_ISREG(found.st.st_mode) ? 1 : 0; });
  walk(paths.metadata(), [&](const Walked& found) { info.metadata += found.path.extension() == ".bundle" ? 1 : 0; });
  count_sources(paths, info);
  info.bytes = measure(root).bytes;
  return info;
}

Result<std::vector<CachedWheel>> cache_list(const fs::Path& root) {
  const CachePaths paths{root};
  WheelStore store(paths, 1, 0);
  std::vector<std::pair<pep::Version, CachedWheel>> wheels;
  for (const auto& folder : wheel_folders(paths))
    if (const auto wheel = store.get(folder.name, RecordCheck::relaxed))
      wheels.emplace_back(wheel->manifest.version, describe(folder, *wheel));
  std::sort(wheels.begin(), wheels.end(), [](const auto& a, const auto& b) {
    return std::tie(a.second.name, a.first, a.second.sha256_hex) <
           std::tie(b.second.name, b.first, b.second.sha256_hex);
  });
  std::vector<CachedWheel> sorted;
  for (auto& wheel : wheels) sorted.push_back(std::move(wheel.second));
  return sorted;
}

Result<CacheRemoval> cache_clean(const fs::Path& root, std::span<const pep::Name> names, double wait_s,
                                 LinkedWheels linked) {
  const CachePaths paths{root};
  CacheRemoval total;
  if (!fs::exists(root)) return total;
  PKG_TRY_ASSIGN(const auto lock, lock_for_removal(paths, wait_s));
  if (names.empty()) {
    PKG_TRY(clean_everything(paths, linked, total));
    return total;
  }
  std::set<std::string> wanted;
  for (const auto& name : names) wanted.insert(name.str());
  for (const auto& folder : {paths.pages(), paths.metadata(), paths.links()})
    PKG_TRY(clean_named_files(folder, wanted, total));
  PKG_TRY(clean_wheels_of(paths, wanted, linked, total));
  PKG_TRY(clean_sources_of(paths, wanted, [&](const fs::Path& path) { return remove_counted(path, total); }));
  return total;
}

Result<CacheRemoval> cache_prune(const fs::Path& root, const PruneOptions& options, double wait_s) {
  const CachePaths paths{root};
  CacheRemoval total;
  if (!fs::exists(root)) return total;
  PKG_TRY_ASSIGN(const auto lock, lock_for_removal(paths, wait_s));
  PKG_TRY(remove_counted(paths.tmp(), total));
  PKG_TRY_ASSIGN(const auto found, parts(paths));
  for (const auto& part : found)
    if (part.what == CachePart::older) PKG_TRY(remove_counted(part.path, total));
  PKG_TRY(prune_broken_wheels(paths, total));
  if (options.unused_for_s) PKG_TRY(prune_unused(paths, options.now - *options.unused_for_s, total));
  return total;
}

Result<std::vector<CacheDamage>> cache_verify(const fs::Path& root, DamagedWheels damaged, double wait_s) {
  const CachePaths paths{root};
  std::vector<CacheDamage> all;
  if (!fs::exists(root)) return all;
  auto lock = damaged == DamagedWheels::remove ? lock_for_removal(paths, wait_s)
                                               : fs::FileLock::acquire(paths.lock(), fs::LockMode::shared, wait_s);
  if (!lock) return std::move(lock).error();
  WheelStore store(paths, 1, 0);
  const auto folders = wheel_folders(paths);
  std::vector<std::vector<CacheDamage>> found(folders.size());
  parallel_for(folders.size(), core_count(), [&](std::size_t i) { found[i] = damage_of(store, folders[i]); });
  for (std::size_t i = 0; i < folders.size(); ++i) {
    const bool remove = damaged == DamagedWheels::remove && !found[i].empty() && !is_linked_to(folders[i].path);
    if (remove) PKG_TRY(fs::remove_tree(folders[i].path));
    for (auto& damage : found[i]) {
      damage.removed = remove;
      all.push_back(std::move(damage));
    }
  }
  for (auto& source : damaged_sources(paths)) {
    source.damage.removed = damaged == DamagedWheels::remove;
    if (source.damage.removed) PKG_TRY(fs::remove_tree(source.path));
    all.push_back(std::move(source.damage));
  }
  return all;
}

}  // namespace pkg::index
