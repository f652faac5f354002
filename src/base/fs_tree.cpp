// Folders: make, list, remove whole trees. Removal works on descriptors and never on a path with more than one new
// component, so that nobody can move us elsewhere by swapping a folder for a link while we work.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/beneath.h"
#include "base/dir.h"
#include "base/fs.h"
#include "base/fs_names.h"
#include "base/fs_tree.h"
#include "base/text.h"

namespace pkg::fs {
namespace {

bool is_dot_or_dot_dot(const char* name) {
  return name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0'));
}

constexpr int kFolderFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

// A folder below `parent`, made readable and writable when its owner has locked it.
int open_folder(int parent, const char* name) {
  int fd = ::openat(parent, name, kFolderFlags);
  if (fd < 0 && errno == EACCES && ::fchmodat(parent, name, 0700, AT_SYMLINK_NOFOLLOW) == 0)
    fd = ::openat(parent, name, kFolderFlags);
  return fd;
}

constexpr std::size_t kOpenLevels = 64;

// One folder being emptied. Only the innermost kOpenLevels stay open; an outer one is found again through "..", and
// must be the same.
struct Level {
  Dir dir;
  std::string name;  // in its parent
  dev_t device = 0;
  ino_t inode = 0;
};

class TreeRemover {
 public:
  TreeRemover(int folder, const std::string& name, const Path& shown) : folder_(folder), name_(name), root_(shown) {}

  Status run() {
    if (::unlinkat(folder_, name_.c_str(), 0) == 0 || errno == ENOENT) return ok_status();
    if (errno != EISDIR && errno != EPERM) return failed("cannot remove", errno);
    PKG_TRY(enter(folder_, name_.c_str()));
    while (!levels_.empty()) PKG_TRY(step());
    return ok_status();
  }

 private:
  Status failed(std::string_view doing, int error_number) const {
    Path place = root_;
    for (std::size_t i = 1; i < levels_.size(); ++i) place /= levels_[i].name;
    return errno_error(doing, place, error_number);
  }

  Status enter(int parent, const char* name) {
    const int fd = open_folder(parent, name);
    if (fd < 0) return errno == ENOENT ? ok_status() : failed("cannot remove the folders in", errno);
    Dir dir(::fdopendir(fd));
    if (dir == nullptr) {
      const int reason = errno;
      ::close(fd);
      return failed("cannot list", reason);
    }
    struct stat info {};
    if (::fstat(fd, &info) != 0) return failed("cannot list", errno);
    levels_.push_back(Level{std::move(dir), name, info.st_dev, info.st_ino});
    if (levels_.size() > kOpenLevels) levels_[levels_.size() - 1 - kOpenLevels].dir.reset();
    return ok_status();
  }

  Status reopen_parent() {
    Level& parent = levels_[levels_.size() - 2];
    if (parent.dir != nullptr) return ok_status();
    Fd fd(::openat(::dirfd(levels_.back().dir.get()), "..", kFolderFlags));
    struct stat info {};
    if (!fd || ::fstat(fd.get(), &info) != 0) return failed("cannot remove the folders in", errno);
    if (info.st_dev != parent.device || info.st_ino != parent.inode)
      return failed("cannot remove the folders in", ESTALE);
    parent.dir.reset(::fdopendir(::fcntl(fd.get(), F_DUPFD_CLOEXEC, 0)));
    return parent.dir != nullptr ? ok_status() : failed("cannot list", errno);
  }

  // Removes or enters one entry of the innermost folder, or leaves and removes that folder.
  Status step() {
    DIR* dir = levels_.back().dir.get();
    errno = 0;
    const dirent* entry = ::readdir(dir);
    if (entry == nullptr) return errno != 0 ? failed("cannot list", errno) : leave();
    if (is_dot_or_dot_dot(entry->d_name)) return ok_status();
    const int here = ::dirfd(dir);
    if (entry->d_type != DT_DIR) {
      if (::unlinkat(here, entry->d_name, 0) == 0 || errno == ENOENT) return ok_status();
      if (errno == EACCES && ::fchmod(here, 0700) == 0 && ::unlinkat(here, entry->d_name, 0) == 0) return ok_status();
      if (errno != EISDIR && !(errno == EPERM && entry->d_type == DT_UNKNOWN))
        return failed("cannot remove the files in", errno);
    }
    return enter(here, entry->d_name);
  }

  Status leave() {
    if (levels_.size() > 1) PKG_TRY(reopen_parent());
    const std::string name = levels_.back().name;
    levels_.pop_back();
    const int parent = levels_.empty() ? folder_ : ::dirfd(levels_.back().dir.get());
    if (::unlinkat(parent, name.c_str(), AT_REMOVEDIR) == 0 || errno == ENOENT) return ok_status();
    if (errno == EACCES && !levels_.empty() && ::fchmod(parent, 0700) == 0 &&
        ::unlinkat(parent, name.c_str(), AT_REMOVEDIR) == 0)
      return ok_status();
    return failed("cannot remove the folders in", errno);
  }

  int folder_;
  const std::string& name_;
  const Path& root_;  // for messages
  std::vector<Level> levels_;
};

Status make_one(const std::string& path) {
  if (::mkdir(path.c_str(), 0777) == 0) return ok_status();
  const int reason = errno;
  if (reason == EEXIST && fs::is_directory(path)) return ok_status();
  return errno_error("cannot create the folder", path, reason);
}

}  // namespace

Status make_dirs(const Path& path) {
  const std::string& whole = path.native();
  if (whole.empty()) return ok_status();
  // Usually the parent is there.
  if (::mkdir(whole.c_str(), 0777) == 0) return ok_status();
  if (errno == EEXIST && fs::is_directory(path)) return ok_status();
  if (errno != ENOENT) return errno_error("cannot create the folder", path, errno);
  for (auto at = whole.find('/', 1); at != std::string::npos; at = whole.find('/', at + 1)) {
    if (whole[at - 1] == '/') continue;
    PKG_TRY(make_one(whole.substr(0, at)));
  }
  return make_one(whole);
}

Status remove_tree(const Path& path) { return remove_tree_at(AT_FDCWD, path.native(), path); }

Status remove_tree_at(int folder, const std::string& name, const Path& shown) {
  // Another process may put something into a folder that was empty a moment ago, such as the lock that it waits for.
  Status done = TreeRemover(folder, name, shown).run();
  struct stat left {};
  for (int again = 0; again < 3 && !done.ok(); ++again) {
    if (::fstatat(folder, name.c_str(), &left, AT_SYMLINK_NOFOLLOW) != 0) return done;
    done = TreeRemover(folder, name, shown).run();
  }
  return done;
}

Result<std::vector<std::string>> list_dir(const Path& path) {
  const Dir dir(::opendir(path.c_str()));
  if (dir == nullptr) return errno_error("cannot list", path, errno);
  std::vector<std::string> names;
  while (true) {
    errno = 0;
    const dirent* entry = ::readdir(dir.get());
    if (entry == nullptr) break;
    if (!is_dot_or_dot_dot(entry->d_name)) names.emplace_back(entry->d_name);
  }
  if (errno != 0) return errno_error("cannot list", path, errno);
  std::sort(names.begin(), names.end());
  return names;
}

Result<TempDir> TempDir::create(const Path& parent, std::string_view prefix) {
  Path path = parent / cat(prefix, unique_suffix());
  if (::mkdir(path.c_str(), 0700) != 0) return errno_error("cannot create the folder", path, errno);
  return TempDir(std::move(path));
}

TempDir::TempDir(TempDir&& other) noexcept : path_(std::exchange(other.path_, Path())) {}

TempDir& TempDir::operator=(TempDir&& other) noexcept {
  if (this == &other) return *this;
  if (!path_.empty()) (void)remove_tree(path_);
  path_ = std::exchange(other.path_, Path());
  return *this;
}

TempDir::~TempDir() {
  if (!path_.empty()) (void)remove_tree(path_);
}

Path TempDir::release() { return std::exchange(path_, Path()); }

}  // namespace pkg::fs
