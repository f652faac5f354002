#include "base/move_tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>
#include <vector>

#include "base/beneath.h"
#include "base/copy_bytes.h"
#include "base/dir_reader.h"
#include "base/text.h"

namespace pkg::fs {
namespace {

constexpr int kMovedFolder = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
constexpr int kPasses = 20;  // others may add files meanwhile: an interpreter its bytecode

std::string_view above(std::string_view below) {
  const auto slash = below.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : below.substr(0, slash);
}

std::string last(std::string_view below) { return std::string(below.substr(below.rfind('/') + 1)); }

// A name in a folder.
struct At {
  int folder;
  const std::string& name;
};

// Owners go first: changing them takes special bits of the mode away.
void take_over(int fd, const struct stat& from) {
  struct stat info;
  if (::fstat(fd, &info) == 0 && (info.st_uid != from.st_uid || info.st_gid != from.st_gid))
    (void)!::fchown(fd, from.st_uid, from.st_gid);
  (void)::fchmod(fd, from.st_mode & 07777);
}

Error cannot_copy(const At& from, const Path& shown, int error) {
  return errno_error("cannot move", shown.filename() == from.name ? shown : shown / from.name, error);
}

Status copy_link(const At& from, const At& to, const Path& shown) {
  std::array<char, PATH_MAX> target;
  const ssize_t size = ::readlinkat(from.folder, from.name.c_str(), target.data(), target.size() - 1);
  if (size < 0) return cannot_copy(from, shown, errno);
  target[static_cast<std::size_t>(size)] = '\0';
  if (::symlinkat(target.data(), to.folder, to.name.c_str()) != 0) return cannot_copy(from, shown, errno);
  return ok_status();
}

Status copy(const At& from, const At& to, const Path& shown) {
  struct stat info;
  if (::fstatat(from.folder, from.name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0)
    return cannot_copy(from, shown, errno);
  if (S_ISLNK(info.st_mode)) return copy_link(from, to, shown);
  if (!S_ISREG(info.st_mode)) return cannot_copy(from, shown, EXDEV);
  const Fd in(::openat(from.folder, from.name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!in) return cannot_copy(from, shown, errno);
  Fd out(::openat(to.folder, to.name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!out) return cannot_copy(from, shown, errno);
  PKG_TRY(copy_bytes(in.get(), out.get(), shown));
  take_over(out.get(), info);
  const struct timespec times[2] = {{0, UTIME_OMIT}, info.st_mtim};
  (void)::futimens(out.get(), times);
  return out.close(shown);
}

class TreeMover {
 public:
  TreeMover(const At& from, const At& to, int staging, const Path& shown)
      : from_(from), to_(to), staging_(staging), shown_(shown) {}

  Status run() {
    struct stat info;
    if (::fstatat(from_.folder, from_.name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0)
      return errno == ENOENT ? ok_status() : Status(failed(errno));
    if (!S_ISDIR(info.st_mode)) return move_file(from_, to_);
    for (int pass = 0; pass < kPasses; ++pass) {
      PKG_TRY_ASSIGN(const bool emptied, move_once());
      if (emptied) return ok_status();
    }
    return failed(ENOTEMPTY);
  }

 private:
  Error failed(int error, std::string_view below = {}) const {
    return errno_error("cannot move", below.empty() ? shown_ : shown_ / below, error);
  }

  // All folders, outermost first; then they are removed, innermost first. False: something was added meanwhile.
  Result<bool> move_once() {
    from_root_ = Fd(::openat(from_.folder, from_.name.c_str(), kMovedFolder));
    if (!from_root_) return failed(errno);
    std::vector<std::string> folders{std::string()};
    for (std::size_t i = 0; i < folders.size(); ++i) PKG_TRY(move_folder(std::string(folders[i]), folders));
    bool emptied = true;
    for (std::size_t i = folders.size(); i-- > 0;) {
      PKG_TRY_ASSIGN(const bool removed, remove_folder(folders[i]));
      emptied = emptied && removed;
    }
    return emptied;
  }

  Status move_folder(const std::string& below, std::vector<std::string>& folders) {
    const Fd from(open_beneath(from_root_.get(), below, kMovedFolder));
    if (!from) return errno == ENOENT ? ok_status() : Status(failed(errno, below));
    PKG_TRY_ASSIGN(const auto to, made_folder(below, from.get()));
    std::vector<std::string> files;
    DirReader reader(from.get());
    while (const auto entry = reader.next()) {
      std::string name(entry->name);
      if (is_folder(from.get(), name, entry->type))
        folders.push_back(below.empty() ? std::move(name) : cat(below, '/', name));
      else
        files.push_back(std::move(name));
    }
    if (reader.error() != 0) return failed(reader.error(), below);
    for (const auto& name : files) PKG_TRY(move_file({from.get(), name}, {to.get(), name}));
    return ok_status();
  }

  static bool is_folder(int at, const std::string& name, unsigned char type) {
    struct stat info;
    if (type != DT_UNKNOWN) return type == DT_DIR;
    return ::fstatat(at, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(info.st_mode);
  }

  // As the folder that is open as `like`, and one's own to work in.
  Result<Fd> made_folder(const std::string& below, int like) {
    struct stat info;
    if (::fstat(like, &info) != 0) return failed(errno, below);
    Fd parent;
    if (!below.empty()) {
      parent = Fd(open_beneath(to_root_.get(), above(below), O_PATH | O_DIRECTORY));
      if (!parent) return failed(errno, below);
    }
    const int at = below.empty() ? to_.folder : parent.get();
    const std::string name = below.empty() ? to_.name : last(below);
    const bool made = ::mkdirat(at, name.c_str(), 0700) == 0;
    if (!made && errno != EEXIST) return failed(errno, below);
    Fd fd(::openat(at, name.c_str(), kMovedFolder));
    if (!fd) return failed(errno, below);
    info.st_mode |= 0700;
    if (made) take_over(fd.get(), info);
    if (below.empty()) {
      to_root_ = Fd(::fcntl(fd.get(), F_DUPFD_CLOEXEC, 0));
      if (!to_root_) return failed(errno);
    }
    return fd;
  }

  Result<bool> remove_folder(const std::string& below) {
    Fd parent;
    if (!below.empty()) {
      parent = Fd(open_beneath(from_root_.get(), above(below), O_PATH | O_DIRECTORY));
      if (!parent) return errno == ENOENT ? Result<bool>(true) : Result<bool>(failed(errno, below));
    }
    const int at = below.empty() ? from_.folder : parent.get();
    const std::string name = below.empty() ? from_.name : last(below);
    if (::unlinkat(at, name.c_str(), AT_REMOVEDIR) == 0 || errno == ENOENT) return true;
    if (errno == ENOTEMPTY || errno == EEXIST) return false;
    return failed(errno, below);
  }

  Status move_file(const At& from, const At& to) {
    if (::renameat(from.folder, from.name.c_str(), to.folder, to.name.c_str()) == 0 || errno == ENOENT)
      return ok_status();
    if (errno != EXDEV) return failed(errno, from.name);
    PKG_TRY(copy_file(from.folder, from.name, to.folder, to.name, staging_, shown_));
    return ::unlinkat(from.folder, from.name.c_str(), 0) == 0 ? ok_status() : Status(failed(errno, from.name));
  }

  const At from_, to_;
  const int staging_;
  const Path& shown_;
  Fd from_root_, to_root_;
};

}  // namespace

Status copy_file(int from, const std::string& name, int to, const std::string& to_name, int staging,
                 const Path& shown) {
  const At source{from, name};
  const std::string staged = kStagedName;
  const At first = staging >= 0 ? At{staging, staged} : At{to, to_name};
  if (::unlinkat(first.folder, first.name.c_str(), 0) != 0 && errno != ENOENT) return cannot_copy(source, shown, errno);
  PKG_TRY(copy(source, first, shown));
  if (staging >= 0 && ::renameat(staging, kStagedName, to, to_name.c_str()) != 0)
    return cannot_copy(source, shown, errno);
  return ok_status();
}

Status move_tree(int from, const std::string& name, int to, const std::string& to_name, int staging,
                 const Path& shown) {
  return TreeMover({from, name}, {to, to_name}, staging, shown).run();
}

}  // namespace pkg::fs
