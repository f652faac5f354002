#include "base/own_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/text.h"

namespace pkg::fs {
namespace {

Error refused_file(const Path& path, std::string_view why, std::string hint = {}) {
  return make_error(ErrorKind::bad_data, cat(quote(path.native()), ' ', why), std::move(hint));
}

Status check(const struct stat& status, const Path& path, std::uint64_t limit_bytes) {
  if (!S_ISREG(status.st_mode)) return refused_file(path, "is no regular file");
  if (status.st_uid != ::geteuid() && status.st_uid != 0) return refused_file(path, "belongs to another user");
  if ((status.st_mode & 022) != 0)
    return refused_file(path, "can be written by others", cat("look at it, then: chmod go-w ", path.native()));
  if (static_cast<std::uint64_t>(status.st_size) > limit_bytes)
    return refused_file(path, cat("is larger than ", limit_bytes >> 10, " KiB"));
  return ok_status();
}

}  // namespace

Result<OwnFile> read_own_file(const Path& path, std::uint64_t limit_bytes, FileLinks links) {
  const Fd fd(::open(path.c_str(),
                     O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | (links == FileLinks::refuse ? O_NOFOLLOW : 0)));
  if (!fd && errno == ELOOP) return refused_file(path, "is a symbolic link", "put the file itself there");
  if (!fd) return errno_error("cannot open", path, errno);
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) return errno_error("cannot look at", path, errno);
  PKG_TRY(check(status, path, limit_bytes));
  OwnFile file{std::string(static_cast<std::size_t>(status.st_size), '\0'), (status.st_mode & 044) != 0};
  PKG_TRY_ASSIGN(const auto size, read_at(fd.get(), 0, file.text, path));
  file.text.resize(size);
  return file;
}

}  // namespace pkg::fs
