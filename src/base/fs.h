#pragma once
// Files: read and publish whole, temporary folders, locks, links. Errors are ErrorKind::io with errno's text and the
// path, or not_found. Everything opens with O_CLOEXEC; close is checked. Paths are std::filesystem::path as bytes.

#include <sys/stat.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace pkg::fs {

using Path = std::filesystem::path;

Error errno_error(std::string_view doing, const Path& path,
                  int error_number);  // "cannot open `x`: No such file or directory"

// The whole of a regular file, or of a link to one, at most so many bytes (base/limits.h); more is bad_data. Anything
// else is refused and never waited for: a FIFO may never be written to, a device may never end.
Result<std::string> read_file(const Path& path);  // limits::kText
Result<std::string> read_file_at_most(const Path& path, std::uint64_t limit_bytes);
// The same, and pipes and devices are read to their end: for words of the command line (`-r <(command)`), never for a
// name in a file.
Result<std::string> read_named_at_most(const Path& path, std::uint64_t limit_bytes);
Result<std::string> read_stream_at_most(int fd, const Path& name,
                                        std::uint64_t limit_bytes);  // a signal is `interrupted`

enum class Durability {
  none,
  untorn,
  sync
};  // untorn: fsync the file before the rename; sync: the folder after it, too
// Writes a sibling temporary and renames it over `path`: readers see the old or the new file, never a part. What is
// there and no file (a device, a pipe) is written into instead.
Status publish(const Path& path, std::string_view content, Durability durability = Durability::none, int mode = 0644);

Status make_dirs(const Path& path);                           // like mkdir -p
Status remove_tree(const Path& path);                         // absent is fine; never follows links; openat-based
bool exists(const Path& path);                                // lstat succeeds
bool is_directory(const Path& path);                          // follows links
Result<std::vector<std::string>> list_dir(const Path& path);  // names, sorted by bytes

// What changes when a file is edited or replaced. ns since the epoch.
struct FileKey {
  std::uint64_t device = 0, inode = 0, size = 0;
  std::int64_t mtime_ns = 0;
  bool operator==(const FileKey&) const = default;
};
std::optional<FileKey> file_key(const Path& path);  // follows links; nullopt when it cannot be statted

// Owns a file descriptor. close() checks; the destructor does not.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept;
  ~Fd();
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  Status close(const Path& name);

 private:
  int fd_ = -1;
};
Result<Fd> open_read(const Path& path);     // whatever it is
Result<Fd> open_regular(const Path& path);  // for files from outside: a regular file, as above
Result<Fd> open_directory(const Path& path);
Result<Fd> create_file(const Path& path, int mode = 0644);  // O_EXCL
Status write_all(int fd, std::string_view bytes, const Path& name);
Result<std::size_t> read_at(int fd, std::uint64_t offset, std::span<char> into,
                            const Path& name);  // short only at the end of the file

// A folder removed with everything in it at the end of its life.
class TempDir {
 public:
  static Result<TempDir> create(const Path& parent, std::string_view prefix);
  TempDir(TempDir&& other) noexcept;
  TempDir& operator=(TempDir&& other) noexcept;
  ~TempDir();
  const Path& path() const { return path_; }
  Path release();  // the caller owns the folder from now on

 private:
  explicit TempDir(Path path) : path_(std::move(path)) {}
  Path path_;
};

// An advisory lock (flock) on a file that is made when absent and holds "PID\n" of the exclusive holder: no arguments.
// Released with the object or the process.
enum class LockMode { shared, exclusive };
class FileLock {
 public:
  // Waits at most wait_s seconds; then ErrorKind::busy naming the holder.
  static Result<FileLock> acquire(const Path& path, LockMode mode, double wait_s);
  FileLock(FileLock&&) noexcept = default;
  FileLock& operator=(FileLock&&) noexcept = default;

 private:
  explicit FileLock(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
};

}  // namespace pkg::fs
