#include "venv/transaction/parallel_remove.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <limits>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "base/beneath.h"
#include "base/dir_reader.h"
#include "base/fs.h"
#include "base/fs_tree.h"
#include "base/tasks.h"
#include "base/text.h"
#include "venv/path_boundary.h"

namespace pkg::venv {
namespace {

// A folder on its way out. It goes when its files are deleted and its sub-folders are gone, and is held open until
// then: nobody can swap it for another.
struct Doomed {
  std::string name;
  Doomed* parent = nullptr;
  std::size_t depth = 0;
  fs::Fd fd;
  std::atomic<std::size_t> waits_for{1};  // its sub-folders, and itself while it is being emptied
};

// The latest folders found are taken first, so few wait at a time.
class Discarder {
 public:
  Discarder(int at, const std::string& folder) : at_(at) { add(folder, nullptr); }

  void run() {
    empty_some(kFoldersForThreads);
    if (waiting_.empty()) return;
    const std::size_t threads = std::min(core_count(), kMostThreads);
    parallel_for(threads, threads, [this](std::size_t) { empty_some(std::numeric_limits<std::size_t>::max()); });
  }
  int error() const { return error_.load(); }

 private:
  static constexpr std::size_t kFoldersForThreads = 8;
  static constexpr std::size_t kDeepest = 8, kMostThreads = 16;  // a descriptor is held for each folder above

  int above(const Doomed& doomed) const { return doomed.parent != nullptr ? doomed.parent->fd.get() : at_; }

  void add(std::string name, Doomed* parent) {
    auto doomed = std::make_unique<Doomed>();
    doomed->name = std::move(name);
    doomed->parent = parent;
    doomed->depth = parent != nullptr ? parent->depth + 1 : 0;
    if (parent != nullptr) parent->waits_for.fetch_add(1);
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(doomed));
    more_.notify_one();
  }

  // Until `most` are emptied, or there are none and none can be found any more.
  void empty_some(std::size_t most) {
    std::unique_lock lock(mutex_);
    for (std::size_t i = 0; i < most; ++i) {
      more_.wait(lock, [this] { return !waiting_.empty() || busy_ == 0; });
      if (waiting_.empty()) break;
      Doomed* const next = waiting_.back().release();
      waiting_.pop_back();
      ++busy_;
      lock.unlock();
      empty(*next);
      finish(next);
      lock.lock();
      if (--busy_ == 0 && waiting_.empty()) more_.notify_all();
    }
  }

  void empty(Doomed& doomed) {
    doomed.fd = fs::Fd(::openat(above(doomed), doomed.name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!doomed.fd) return note(errno);
    fs::DirReader reader(doomed.fd.get());
    while (const auto entry = reader.next()) {
      if (entry->type != DT_DIR) {
        if (::unlinkat(doomed.fd.get(), entry->name.data(), 0) == 0) continue;
        if (errno != EISDIR && errno != EPERM) {
          note(errno);
          continue;
        }
      }
      if (doomed.depth < kDeepest)
        add(std::string(entry->name), &doomed);
      else if (!fs::remove_tree_at(doomed.fd.get(), std::string(entry->name), entry->name).ok())
        note(EIO);
    }
    note(reader.error());
  }

  // Removes it when nothing is in it any more, and then perhaps those above it.
  void finish(Doomed* doomed) {
    while (doomed != nullptr && doomed->waits_for.fetch_sub(1) == 1) {
      const std::unique_ptr<Doomed> done(doomed);
      if (::unlinkat(above(*done), done->name.c_str(), AT_REMOVEDIR) != 0) note(errno);
      doomed = done->parent;
    }
  }

  void note(int error) {
    int none = 0;
    if (error != 0 && error != ENOENT) error_.compare_exchange_strong(none, error);
  }

  int at_;
  std::mutex mutex_;
  std::condition_variable more_;
  std::vector<std::unique_ptr<Doomed>> waiting_;
  std::size_t busy_ = 0;  // threads that are emptying a folder
  std::atomic<int> error_{0};
};

}  // namespace

Status parallel_remove(int at, const std::string& name, const std::string& shown) {
  Discarder discarder(at, name);
  discarder.run();
  if (discarder.error() != 0) return fs::errno_error("cannot delete", shown, discarder.error());
  return ok_status();
}

Status list_files(const std::string& path, std::vector<std::filesystem::path>& files) {
  std::vector<std::string> waiting{path};
  while (!waiting.empty()) {
    const std::string at = std::move(waiting.back());
    waiting.pop_back();
    struct stat info;
    if (::lstat(at.c_str(), &info) != 0) continue;
    if (!S_ISDIR(info.st_mode)) {
      files.emplace_back(at);
      continue;
    }
    PKG_TRY_ASSIGN(const auto names, fs::list_dir(at));
    for (const auto& name : names) waiting.push_back(cat(at, '/', name));
  }
  return ok_status();
}

}  // namespace pkg::venv
