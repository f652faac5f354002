#include "venv/regular_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/fs.h"
#include "base/text.h"

namespace pkg::venv {
namespace {

Result<std::uint64_t> size_of_regular(const fs::Fd& fd, const std::filesystem::path& path) {
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return fs::errno_error("cannot read", path, errno);
  if (S_ISDIR(info.st_mode)) return fs::errno_error("cannot read", path, EISDIR);
  if (!S_ISREG(info.st_mode)) return make_error(ErrorKind::bad_data, cat(quote(path.native()), " is no regular file"));
  return static_cast<std::uint64_t>(info.st_size);
}

}  // namespace

Result<std::string> read_regular(const std::filesystem::path& path, std::uint64_t limit_bytes) {
  const fs::Fd fd(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!fd) return fs::errno_error("cannot open", path, errno);
  PKG_TRY_ASSIGN(const auto size, size_of_regular(fd, path));
  if (size > limit_bytes) {
    return make_error(ErrorKind::bad_data, cat(quote(path.native()), " has ", size, " bytes, more than the ", limit_bytes, " allowed"));
  }
  std::string text(size, '\0');
  std::size_t filled = 0;
  while (filled < size) {
    const ssize_t got = ::read(fd.get(), text.data() + filled, size - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fs::errno_error("cannot read", path, errno);
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  text.resize(filled);
  return text;
}

}  // namespace pkg::venv
