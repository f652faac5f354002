#include "venv/transaction/install.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "base/beneath.h"
#include "base/fs.h"
#include "base/text.h"

namespace pkg::venv {
namespace {

// Threads cost more than they bring below this many files.
constexpr std::size_t kFilesForThreads = 64;

class Builder {
 public:
  Builder(const Placement& placement, const Ground& ground, std::span<const WheelToInstall> wheels, Linker& linker,
          Pass pass, int trash, const CancelToken& cancel)
      : placement_(placement),
        ground_(ground),
        wheels_(wheels),
        linker_(linker),
        pass_(pass),
        trash_(trash),
        cancel_(cancel) {}

  Result<std::uint64_t> run();

 private:
  void step(std::uint32_t dir_index);
  Status fill(const PlacedDir& dir);
  Status make_children(int at, const PlacedDir& dir);
  Status link_files(int at, const PlacedDir& dir);
  Status write_file(int at, const PlacedDir& dir, const WrittenFile& file);
  Status bring_file(int at, const PlacedDir& dir, const BroughtFile& file);
  std::string source_folder(const PlacedFile& file) const;
  bool is_wanted(const PlacedFile& file) const;
  bool has_work(const PlacedDir& dir) const;

  const Placement& placement_;
  const Ground& ground_;
  std::span<const WheelToInstall> wheels_;
  Linker& linker_;
  Pass pass_;
  int trash_;
  const CancelToken& cancel_;
  std::atomic<std::uint64_t> made_{0};
  std::atomic<bool> failed_{false};
  std::mutex error_mutex_;
  std::optional<Error> error_;
};

bool Builder::is_wanted(const PlacedFile& file) const {
  if (file.is_bytecode()) return false;
  if (pass_ == Pass::all) return true;
  const bool is_record = file.written != kNone && placement_.written[file.written].name == "RECORD";
  return is_record == (pass_ == Pass::records);
}

bool Builder::has_work(const PlacedDir& dir) const {
  if (dir.is_link || dir.in_link) return false;
  for (const auto& file : dir.files)
    if (is_wanted(file)) return true;
  if (pass_ == Pass::records) return false;
  for (const auto child : dir.children)
    if (placement_.dirs[child].is_new) return true;
  return false;
}

Result<std::uint64_t> Builder::run() {
  // Level by level: a folder's task makes its sub-folders, which are tasks of the next level.
  std::vector<std::vector<std::uint32_t>> levels;
  std::size_t files = 0;
  for (std::uint32_t i = 0; i < placement_.dirs.size(); ++i) {
    const auto& dir = placement_.dirs[i];
    if (!has_work(dir)) continue;
    if (levels.size() <= dir.depth) levels.resize(dir.depth + 1);
    levels[dir.depth].push_back(i);
    files += dir.files.size();
  }
  const std::size_t threads = files < kFilesForThreads ? 1 : core_count();
  for (const auto& level : levels) {
    if (level.size() == 1 || threads == 1) {
      for (const auto index : level) step(index);
    } else {
      parallel_for(level.size(), threads, [&](std::size_t i) { step(level[i]); });
    }
    if (error_) return *std::move(error_);
  }
  return made_.load();
}

void Builder::step(std::uint32_t dir_index) {
  if (failed_.load(std::memory_order_relaxed)) return;
  Status done = cancel_.is_cancelled() ? Status(make_error(ErrorKind::interrupted, "interrupted"))
                                       : fill(placement_.dirs[dir_index]);
  if (done.ok()) return;
  const std::lock_guard lock(error_mutex_);
  if (!error_) error_ = std::move(done).error();
  failed_.store(true, std::memory_order_relaxed);
}

Status Builder::fill(const PlacedDir& dir) {
  PKG_TRY_ASSIGN(const auto at, ground_.open_folder(dir.path));
  PKG_TRY(link_files(at.get(), dir));
  return make_children(at.get(), dir);
}

Status Builder::make_children(int at, const PlacedDir& dir) {
  if (pass_ == Pass::records) return ok_status();
  for (const auto index : dir.children) {
    const auto& child = placement_.dirs[index];
    if (!child.is_new) continue;
    if (child.is_link) {
      if (::symlinkat(child.link_target.c_str(), at, std::string(name_of(child.path)).c_str()) != 0)
        return fs::errno_error("cannot make link", child.path, errno);
      made_.fetch_add(1, std::memory_order_relaxed);
      continue;
    }
    if (::mkdirat(at, std::string(name_of(child.path)).c_str(), 0777) != 0)
      return fs::errno_error("cannot make folder", child.path, errno);
  }
  return ok_status();
}

std::string Builder::source_folder(const PlacedFile& file) const {
  if (file.wheel == kNone) return placement_.kept_sources[file.from];
  const auto& wheel = *wheels_[file.wheel].wheel;
  return join_path(wheel.path, wheel.manifest.dirs[file.from].store_path);
}

Status Builder::link_files(int at, const PlacedDir& dir) {
  fs::Fd from;
  std::string from_path;
  std::pair<std::uint32_t, std::uint32_t> opened{kNone, kNone};  // wheel, folder of the manifest
  std::uint64_t made = 0;
  for (const auto& file : dir.files) {
    if (!is_wanted(file)) continue;
    ++made;
    if (file.brought != kNone) {
      PKG_TRY(bring_file(at, dir, placement_.brought[file.brought]));
      continue;
    }
    if (file.linked == nullptr) {
      PKG_TRY(write_file(at, dir, placement_.written[file.written]));
      continue;
    }
    if (const std::pair wanted{file.wheel, file.from}; wanted != opened) {
      from_path = source_folder(file);
      from = fs::Fd(::open(from_path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
      if (!from) {
        const int error = errno;
        if (error == ENOENT)
          return make_error(ErrorKind::hash_mismatch, cat("the cached folder ", quote(from_path), " is gone"));
        return fs::errno_error("cannot open folder", from_path, error);
      }
      opened = wanted;
    }
    PKG_TRY(linker_.place(from.get(), from_path, at, dir.path, *file.linked));
  }
  made_.fetch_add(made, std::memory_order_relaxed);
  return ok_status();
}

Status Builder::write_file(int at, const PlacedDir& dir, const WrittenFile& file) {
  const std::string path = join_path(dir.path, file.name);
  fs::Fd out(::openat(at, file.name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, file.executable ? 0777 : 0666));
  if (!out) return fs::errno_error("cannot create", path, errno);
  if (!file.content.empty()) PKG_TRY(fs::write_all(out.get(), file.content, path));
  return out.close(path);
}

Status Builder::bring_file(int at, const PlacedDir& dir, const BroughtFile& file) {
  const std::string_view in_trash = file.in_trash;
  const auto slash = in_trash.rfind('/');
  if (slash == std::string_view::npos) return linker_.share(trash_, file.in_trash, at, dir.path, file.name);
  const fs::Fd folder(fs::open_beneath(trash_, in_trash.substr(0, slash), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!folder) return fs::errno_error("cannot open what was moved away from", std::string(file.from), errno);
  return linker_.share(folder.get(), std::string(in_trash.substr(slash + 1)), at, dir.path, file.name);
}

}  // namespace

Result<std::uint64_t> build(const Placement& placement, const Ground& ground, std::span<const WheelToInstall> wheels,
                            Linker& linker, Pass pass, int trash, const CancelToken& cancel) {
  return Builder(placement, ground, wheels, linker, pass, trash, cancel).run();
}

}  // namespace pkg::venv
