// Who has a link is decided by its text alone, read without following it: the text, taken from the link's folder, with
// `.` and `..` worked out as words. A link's end may be gone (its interpreter was removed), and a link of somebody else
// may end in our folder by way of theirs; neither changes whose link it is. Both sides are compared as they are written
// and with the links of the folders above resolved, because ~/.local may itself be a link.
//
// A free name is taken with symlink(), which fails where somebody was quicker; only a link that was seen to be ours (or
// anything, with `force`) is renamed over. Between seeing and renaming another program may have put its own file there;
// nothing in POSIX closes that gap, and the folder is the user's.

#include "base/user_programs.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>
#include <string_view>
#include <system_error>

#include "base/fs.h"
#include "base/fs_names.h"
#include "base/text.h"

namespace pkg::user_programs {
namespace {

using Path = std::filesystem::path;

Path resolved(const Path& path) {
  std::error_code failed;
  Path found = std::filesystem::weakly_canonical(path, failed);
  return failed ? path.lexically_normal() : found;
}

Path without_slash(std::string_view folder) {
  while (folder.size() > 1 && folder.ends_with('/')) folder.remove_suffix(1);
  return folder;
}

bool lies_below(const Path& path, const Path& folder) {
  const Path relative = path.lexically_relative(folder);
  return !relative.empty() && relative != "." && *relative.begin() != "..";
}

bool leads_below(const Path& link, const Path& text, const Path& home) {
  if (!home.is_absolute()) return false;
  const Path as_written = (link.parent_path() / text).lexically_normal();
  if (lies_below(as_written, home.lexically_normal())) return true;
  const Path from = text.is_absolute() ? text : resolved(link.parent_path()) / text;
  return lies_below(from.lexically_normal(), resolved(home));
}

Error taken(const Path& link) {
  return make_error(ErrorKind::conflict, "`" + link.string() + "` is there already, and is not a link that pkg made",
                    "remove it, or pass --force to replace it");
}

Status rename_over(const Path& link, const Path& target) {
  const Path beside = link.parent_path() / ("." + link.filename().string() + "." + fs::unique_suffix());
  if (::symlink(target.c_str(), beside.c_str()) != 0) return fs::errno_error("cannot make", beside, errno);
  if (::rename(beside.c_str(), link.c_str()) == 0) return ok_status();
  const int failure = errno;
  ::unlink(beside.c_str());
  if (failure == EISDIR || failure == EEXIST || failure == ENOTEMPTY) {
    return make_error(ErrorKind::conflict, "`" + link.string() + "` is a folder, which a link does not replace",
                      "move it away");
  }
  return fs::errno_error("cannot make", link, failure);
}

}  // namespace

Result<Path> folder(const Getenv& environment) {
  if (const char* named = environment("PKG_BIN_DIR"); named != nullptr && *named != '\0') {
    if (*named == '/') return Path(named);
    return make_error(ErrorKind::usage, "PKG_BIN_DIR is " + quote(named) + ", which is not an absolute path");
  }
  if (const char* named = environment("XDG_BIN_HOME"); named != nullptr && *named == '/') return Path(named);
  const Path home = home_folder(environment);
  if (!home.empty()) return home / ".local/bin";
  return make_error(ErrorKind::not_found, "there is no folder for your programs: HOME is not set",
                    "set PKG_BIN_DIR to a folder");
}

Holder holder(const Path& link, const Path& home) {
  struct stat status;
  if (::lstat(link.c_str(), &status) != 0)
    return errno == ENOENT || errno == ENOTDIR ? Holder::nobody : Holder::foreign;
  if (!S_ISLNK(status.st_mode)) return Holder::foreign;
  std::error_code failed;
  const Path text = std::filesystem::read_symlink(link, failed);
  if (failed) return Holder::foreign;
  return leads_below(link, text, home) ? Holder::ours : Holder::foreign;
}

Status place(const Path& link, const Path& target, const Path& home, bool force) {
  PKG_TRY(fs::make_dirs(link.parent_path()));
  const Holder before = holder(link, home);
  if (before == Holder::nobody) {
    if (::symlink(target.c_str(), link.c_str()) == 0) return ok_status();
    if (errno != EEXIST) return fs::errno_error("cannot make", link, errno);
  }
  if (!force && holder(link, home) == Holder::foreign) return taken(link);
  return rename_over(link, target);
}

Result<bool> remove(const Path& link, const Path& home) {
  if (holder(link, home) != Holder::ours) return false;
  if (::unlink(link.c_str()) == 0) return true;
  if (errno == ENOENT) return false;
  return fs::errno_error("cannot remove", link, errno);
}

bool is_on_path(const Path& folder, const Getenv& environment) {
  const char* path = environment("PATH");
  if (path == nullptr) return false;
  const Path wanted = resolved(without_slash(folder.native()));
  std::string_view rest = path;
  while (true) {
    const std::size_t end = rest.find(':');
    const std::string_view entry = rest.substr(0, end);
    if (entry.starts_with('/') && resolved(without_slash(entry)) == wanted) return true;
    if (end == std::string_view::npos) return false;
    rest.remove_prefix(end + 1);
  }
}

}  // namespace pkg::user_programs
