// Reading, writing and publishing of single files, and file descriptors. Folders and trees: fs_tree.cpp; locks:
// fs_lock.cpp.
#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>

#include "base/fs.h"
#include "base/fs_names.h"
#include "base/limits.h"
#include "base/os.h"
#include "base/text.h"

namespace pkg::fs {
namespace {

std::string size_text(std::uint64_t bytes) {
  constexpr std::string_view kUnits[] = {" bytes", " KiB", " MiB"};
  std::size_t unit = 0;
  while (unit + 1 < std::size(kUnits) && bytes >= 1024 && bytes % 1024 == 0) bytes /= 1024, ++unit;
  return cat(bytes, kUnits[unit]);
}

Error too_large(const Path& path, std::string_view found, std::uint64_t limit_bytes) {
  return make_error(ErrorKind::bad_data, cat(quote(path.native()), " has ", found, ", and pkg reads at most ",
                                             size_text(limit_bytes), " of it"));
}

std::string_view kind_of(mode_t mode) {
  if (S_ISDIR(mode)) return "a folder";
  if (S_ISFIFO(mode)) return "a named pipe";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device";
}

Error not_a_file(const Path& path, mode_t mode) {
  return make_error(ErrorKind::io,
                    cat("cannot read ", quote(path.native()), ": it is ", kind_of(mode), ", expected a regular file"));
}

// Somebody who waits at a pipe and presses Ctrl-C wants to go.
Error read_error(std::string_view doing, const Path& path, int error_number) {
  return error_number == EINTR ? make_error(ErrorKind::interrupted, "interrupted")
                               : errno_error(doing, path, error_number);
}

// To the end of what is there. `announced` may be a lie (0 in procfs) or unknown, so the end is where read says it is.
Result<std::string> read_to_end(int fd, const Path& path, std::uint64_t announced, std::uint64_t limit_bytes,
                                bool is_stream = false) {
  if (announced > limit_bytes) return too_large(path, size_text(announced), limit_bytes);
  std::string content(announced + 1, '\0');  // one more, to see the end without another growth
  std::size_t filled = 0;
  while (true) {
    if (filled == content.size()) content.resize(std::min<std::uint64_t>(content.size() * 2 + 4096, limit_bytes + 1));
    const ssize_t got = ::read(fd, content.data() + filled, content.size() - filled);
    if (got < 0 && errno == EINTR && !is_stream) continue;
    if (got < 0) return read_error("cannot read", path, errno);
    filled += static_cast<std::size_t>(got);
    if (filled > limit_bytes) return too_large(path, "more", limit_bytes);
    if (got == 0 || (filled < content.size() && filled == announced && announced > 0)) break;
  }
  content.resize(filled);
  return content;
}

Result<Fd> open_with(const Path& path, int flags, mode_t mode, std::string_view doing) {
  while (true) {
    const int fd = ::open(path.c_str(), flags | O_CLOEXEC, mode);
    if (fd >= 0) return Fd(fd);
    if (errno != EINTR) return errno_error(doing, path, errno);
  }
}

struct OpenFile {
  Fd fd;
  std::uint64_t size = 0;
};

// O_NONBLOCK: a pipe without a writer opens at once, and is refused like all that is no file. A socket does not open.
Result<OpenFile> open_file(const Path& path) {
  const int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY;
  auto fd = open_with(path, flags, 0, "cannot open");
  struct stat info {};
  if (!fd)
    return ::stat(path.c_str(), &info) == 0 && S_ISSOCK(info.st_mode) ? not_a_file(path, info.st_mode)
                                                                      : std::move(fd).error();
  if (::fstat(fd->get(), &info) != 0) return errno_error("cannot read", path, errno);
  if (!S_ISREG(info.st_mode)) return not_a_file(path, info.st_mode);
  return OpenFile{*std::move(fd), static_cast<std::uint64_t>(info.st_size)};
}

Status sync_folder_of(const Path& path) {
  const Path folder = path.has_parent_path() ? path.parent_path() : Path(".");
  PKG_TRY_ASSIGN(Fd fd, open_directory(folder));
  if (::fsync(fd.get()) != 0) return errno_error("cannot sync", folder, errno);
  return fd.close(folder);
}

Status write_new(Fd fd, const Path& path, std::string_view content, Durability durability) {
  PKG_TRY(write_all(fd.get(), content, path));
  if (durability != Durability::none && ::fsync(fd.get()) != 0) return errno_error("cannot sync", path, errno);
  return fd.close(path);
}

// Devices and pipes are written to: renaming a file over /dev/null would take it away from everybody.
Status write_into(const Path& path, std::string_view content) {
  Fd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!fd) return errno_error("cannot write", path, errno);
  PKG_TRY(write_all(fd.get(), content, path));
  return fd.close(path);
}

}  // namespace

Error errno_error(std::string_view doing, const Path& path, int error_number) {
  char buffer[128];
  const char* reason = os::error_text(error_number, buffer, sizeof buffer);
  const bool absent = error_number == ENOENT || error_number == ENOTDIR;
  return make_error(absent ? ErrorKind::not_found : ErrorKind::io, cat(doing, ' ', quote(path.native()), ": ", reason));
}

std::string unique_suffix() {
  static std::atomic<std::uint32_t> counter{0};
  std::uint64_t random = 0;
  if (os::random_bytes(&random, sizeof random, false) != static_cast<ssize_t>(sizeof random)) random = 0;
  char digits[17];
  const auto [end, failed] = std::to_chars(digits, digits + sizeof digits, random, 36);
  return cat(::getpid(), '-', counter.fetch_add(1, std::memory_order_relaxed), '-',
             std::string_view(digits, static_cast<std::size_t>(end - digits)));
}

Result<std::string> read_file(const Path& path) { return read_file_at_most(path, limits::kText); }

Result<std::string> read_file_at_most(const Path& path, std::uint64_t limit_bytes) {
  PKG_TRY_ASSIGN(const OpenFile file, open_file(path));
  return read_to_end(file.fd.get(), path, file.size, limit_bytes);
}

Result<std::string> read_named_at_most(const Path& path, std::uint64_t limit_bytes) {
  struct stat info {};
  const bool is_stream = ::stat(path.c_str(), &info) == 0 && (S_ISFIFO(info.st_mode) || S_ISCHR(info.st_mode));
  if (!is_stream) return read_file_at_most(path, limit_bytes);
  const Fd fd(::open(path.c_str(), O_RDONLY | O_NOCTTY | O_CLOEXEC));
  if (!fd) return read_error("cannot open", path, errno);
  return read_stream_at_most(fd.get(), path, limit_bytes);
}

Result<std::string> read_stream_at_most(int fd, const Path& name, std::uint64_t limit_bytes) {
  return read_to_end(fd, name, 0, limit_bytes, true);
}

Status publish(const Path& path, std::string_view content, Durability durability, int mode) {
  struct stat there {};
  if (::stat(path.c_str(), &there) == 0 && !S_ISREG(there.st_mode) && !S_ISDIR(there.st_mode))
    return write_into(path, content);
  const Path temporary = path.native() + ".tmp-" + unique_suffix();
  auto file = create_file(temporary, mode);
  if (!file) {  // the message names the file that is wanted
    auto error = std::move(file).error();
    error.message = replace_all(error.message, temporary.native(), path.native());
    return error;
  }
  Status done = write_new(*std::move(file), temporary, content, durability);
  if (done.ok() && ::rename(temporary.c_str(), path.c_str()) != 0) done = errno_error("cannot write", path, errno);
  if (!done.ok()) {
    ::unlink(temporary.c_str());
    return done;
  }
  return durability == Durability::sync ? sync_folder_of(path) : ok_status();
}

bool exists(const Path& path) {
  struct stat info {};
  return ::lstat(path.c_str(), &info) == 0;
}

bool is_directory(const Path& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

std::optional<FileKey> file_key(const Path& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return std::nullopt;
  return FileKey{static_cast<std::uint64_t>(info.st_dev), static_cast<std::uint64_t>(info.st_ino),
                 static_cast<std::uint64_t>(info.st_size), os::modified_ns(info)};
}

Fd& Fd::operator=(Fd&& other) noexcept {
  if (this == &other) return *this;
  if (fd_ >= 0) ::close(fd_);
  fd_ = std::exchange(other.fd_, -1);
  return *this;
}

Fd::~Fd() {
  if (fd_ >= 0) ::close(fd_);
}

Status Fd::close(const Path& name) {
  // On Linux the descriptor is gone after close(), whatever it returns: EINTR is no reason to try again.
  const int fd = std::exchange(fd_, -1);
  if (fd >= 0 && ::close(fd) != 0 && errno != EINTR) return errno_error("cannot finish writing", name, errno);
  return ok_status();
}

Result<Fd> open_read(const Path& path) { return open_with(path, O_RDONLY, 0, "cannot open"); }
Result<Fd> open_regular(const Path& path) {
  PKG_TRY_ASSIGN(OpenFile file, open_file(path));
  return std::move(file.fd);
}
Result<Fd> open_directory(const Path& path) { return open_with(path, O_RDONLY | O_DIRECTORY, 0, "cannot open"); }
Result<Fd> create_file(const Path& path, int mode) {
  return open_with(path, O_WRONLY | O_CREAT | O_EXCL, static_cast<mode_t>(mode), "cannot create");
}

Status write_all(int fd, std::string_view bytes, const Path& name) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(fd, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return errno_error("cannot write", name, errno);
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return ok_status();
}

Result<std::size_t> read_at(int fd, std::uint64_t offset, std::span<char> into, const Path& name) {
  if (offset > INT64_MAX) return errno_error("cannot read", name, EINVAL);
  std::size_t filled = 0;
  while (filled < into.size()) {
    const ssize_t got = ::pread(fd, into.data() + filled, into.size() - filled, static_cast<off_t>(offset + filled));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno_error("cannot read", name, errno);
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  return filled;
}

}  // namespace pkg::fs
