#include "venv/link/link_check.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "base/dir.h"
#include "base/fs.h"
#include "base/limits.h"
#include "base/text.h"
#include "venv/link/source.h"

namespace pkg::venv {
namespace {

constexpr time_t kGuardedTime_s = 981'173'106;  // any moment that no folder gets by itself: 2001-02-03 04:05:06 UTC
constexpr const char* kGuard = "__pycache__";
constexpr std::size_t kFoldersForThreads = 8;

bool is_guarded(const struct stat& info) { return info.st_mtim.tv_sec == kGuardedTime_s && info.st_mtim.tv_nsec == 0; }

bool cannot_write(int error) { return error == EACCES || error == EPERM || error == EROFS; }

class FolderChecker {
 public:
  FolderChecker(const Placement& placement, std::span<const WheelToInstall> wheels, const CancelToken& cancel)
      : placement_(placement),
        wheels_(wheels),
        cancel_(cancel),
        unusable_(std::make_unique<std::atomic<bool>[]>(wheels.size())) {}

  Status run();
  std::vector<bool> usable() const;

 private:
  struct Item {
    std::uint32_t wheel, from;
  };
  void collect();
  Status check(const Item& item);
  Status check_names(int at, const std::string& path, const Item& item);
  Status guard(int at, const std::string& path, const Item& item);

  const Placement& placement_;
  std::span<const WheelToInstall> wheels_;
  const CancelToken& cancel_;
  const SourceRules rules_ = SourceRules::of_process();
  std::vector<Item> items_;
  std::unique_ptr<std::atomic<bool>[]> unusable_;  // by wheel
};

void FolderChecker::collect() {
  for (std::uint32_t w = 0; w < placement_.wheels.size(); ++w) {
    const auto& dirs = placement_.wheels[w].dirs;
    for (std::uint32_t d = 0; d < dirs.size(); ++d)
      if (placement_.dirs[dirs[d]].is_link || placement_.dirs[dirs[d]].in_link) items_.push_back({w, d});
  }
}

Status FolderChecker::run() {
  collect();
  std::mutex mutex;
  std::atomic<bool> failed{false};
  std::optional<Error> error;
  parallel_for(items_.size(), items_.size() < kFoldersForThreads ? 1 : core_count(), [&](std::size_t i) {
    if (failed.load(std::memory_order_relaxed)) return;
    auto done = cancel_.is_cancelled() ? Status(make_error(ErrorKind::interrupted, "interrupted")) : check(items_[i]);
    if (done.ok()) return;
    const std::lock_guard lock(mutex);
    if (!error) error = std::move(done).error();
    failed.store(true, std::memory_order_relaxed);
  });
  if (error) return *std::move(error);
  return ok_status();
}

std::vector<bool> FolderChecker::usable() const {
  std::vector<bool> usable(wheels_.size());
  for (std::size_t w = 0; w < usable.size(); ++w) usable[w] = !unusable_[w];
  return usable;
}

Status FolderChecker::check(const Item& item) {
  const auto& wheel = *wheels_[item.wheel].wheel;
  const auto& from = wheel.manifest.dirs[item.from];
  const std::string path = join_path(wheel.path, from.store_path);
  const fs::Fd at(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
  if (!at) {
    if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP)
      return make_error(ErrorKind::hash_mismatch, cat("the cached folder ", quote(path), " is gone"));
    return fs::errno_error("cannot open folder", path, errno);
  }
  for (const auto& file : from.files) PKG_TRY(check_source(at.get(), path, file, rules_));
  struct stat info;
  if (::fstat(at.get(), &info) != 0) return fs::errno_error("cannot look at", path, errno);
  if (is_guarded(info)) return ok_status();
  PKG_TRY(check_names(at.get(), path, item));
  return guard(at.get(), path, item);
}

// Nothing is there that the wheel did not bring, except the guard itself.
Status FolderChecker::check_names(int at, const std::string& path, const Item& item) {
  const auto& manifest = wheels_[item.wheel].wheel->manifest;
  const auto& from = manifest.dirs[item.from];
  std::unordered_set<std::string_view> expected;
  for (const auto& file : from.files) expected.insert(file.name);
  for (const auto& dir : manifest.dirs)
    if (is_below(dir.store_path, from.store_path) && parent_of(dir.store_path) == from.store_path)
      expected.insert(name_of(dir.store_path));

  const int listed = ::openat(at, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const fs::Dir dir(listed < 0 ? nullptr : ::fdopendir(listed));
  if (!dir) return fs::errno_error("cannot list", path, errno);
  while (const dirent* entry = ::readdir(dir.get())) {
    const std::string_view name = entry->d_name;
    if (name == "." || name == ".." || expected.contains(name)) continue;
    struct stat info;
    if (name == kGuard && ::fstatat(at, kGuard, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(info.st_mode) &&
        info.st_size == 0)
      continue;
    return make_error(ErrorKind::hash_mismatch,
                      cat("the cached folder ", quote(path), " holds ", quote(name), ", which its wheel did not bring"),
                      "the cache entry is unusable; it has to be unpacked again");
  }
  return ok_status();
}

Status FolderChecker::guard(int at, const std::string& path, const Item& item) {
  const auto& files = wheels_[item.wheel].wheel->manifest.dirs[item.from].files;
  const bool has_sources =
      std::any_of(files.begin(), files.end(), [](const auto& file) { return file.name.ends_with(".py"); });
  if (has_sources) {
    const fs::Fd made(::openat(at, kGuard, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444));
    if (!made && cannot_write(errno)) {
      unusable_[item.wheel] = true;
      return ok_status();
    }
    if (!made && errno != EEXIST) return fs::errno_error("cannot create", join_path(path, kGuard), errno);
  }
  const struct timespec times[2] = {{0, UTIME_OMIT}, {kGuardedTime_s, 0}};
  const auto list = ::open(environments_file(*wheels_[item.wheel].wheel).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
  if (list < 0) {
    unusable_[item.wheel] = true;
    return ok_status();
  }
  ::close(list);
  (void)::futimens(at, times);  // where that is not allowed, the names are looked at each time
  return ok_status();
}

}  // namespace

std::string environments_file(const pep::UnpackedWheel& wheel) {
  return join_path(parent_of(wheel.path), pep::kLinkingEnvironments);
}

void note_environment(const Placement& placement, std::span<const WheelToInstall> wheels) {
  std::vector<bool> is_linked(wheels.size());
  for (const auto& dir : placement.dirs)
    if (dir.is_link && dir.link_wheel != kNone) is_linked[dir.link_wheel] = true;
  const std::string entry = cat(placement.boundary().prefix(), '\0');
  for (std::size_t w = 0; w < wheels.size(); ++w) {
    if (!is_linked[w]) continue;
    const std::string path = environments_file(*wheels[w].wheel);
    if (const auto list = fs::read_file_at_most(path, limits::kState);
        list.ok() && cat('\0', *list).find(cat('\0', entry)) != std::string::npos)
      continue;
    const fs::Fd out(::open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
    if (out) (void)fs::write_all(out.get(), entry, path);
  }
}

Result<std::vector<bool>> check_linked_folders(const Placement& placement, std::span<const WheelToInstall> wheels,
                                               const CancelToken& cancel) {
  FolderChecker checker(placement, wheels, cancel);
  PKG_TRY(checker.run());
  return checker.usable();
}

}  // namespace pkg::venv
