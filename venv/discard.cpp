#include "venv/discard.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <utility>
#include <vector>

#include "base/fs.h"
#include "base/tasks.h"
#include "base/text.h"
#include "venv/confine.h"

namespace pkg::venv {
namespace {

constexpr std::size_t kFoldersForThreads = 8;

// Deletes the files of one folder; its sub-folders are returned by path. The first error number is remembered.
std::vector<std::string> empty_folder(const std::string& path, std::atomic<int>& error) {
  std::vector<std::string> folders;
  const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  DIR* dir = fd < 0 ? nullptr : ::fdopendir(fd);
  if (dir == nullptr) {
    if (errno != ENOENT) error = errno;
    if (fd >= 0) ::close(fd);
    return folders;
  }
  while (const dirent* entry = ::readdir(dir)) {
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    if (entry->d_type != DT_DIR) {
      if (::unlinkat(fd, entry->d_name, 0) == 0 || errno == ENOENT) continue;
      if (errno != EISDIR && errno != EPERM) {
        error = errno;
        continue;
      }
    }
    folders.push_back(cat(path, '/', name));
  }
  ::closedir(dir);
  return folders;
}

}  // namespace

Status discard(const std::string& folder) {
  std::atomic<int> error{0};
  std::vector<std::vector<std::string>> levels;
  levels.push_back({folder});
  // Downwards: files go, folders are collected by level.
  while (!levels.back().empty()) {
    const auto& level = levels.back();
    std::vector<std::vector<std::string>> found(level.size());
    const std::size_t threads = level.size() < kFoldersForThreads ? 1 : core_count();
    parallel_for(level.size(), threads, [&](std::size_t i) { found[i] = empty_folder(level[i], error); });
    std::vector<std::string> next;
    for (auto& some : found) next.insert(next.end(), std::make_move_iterator(some.begin()), std::make_move_iterator(some.end()));
    levels.push_back(std::move(next));
  }
  // Upwards: each level holds only empty folders.
  for (auto level = levels.rbegin(); level != levels.rend(); ++level)
    for (const auto& path : *level)
      if (::rmdir(path.c_str()) != 0 && errno != ENOENT) error = error != 0 ? error.load() : errno;
  if (error != 0) return fs::errno_error("cannot delete", folder, error);
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
