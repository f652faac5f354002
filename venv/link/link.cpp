#include "venv/link/link.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/fs.h"
#include "base/hash.h"
#include "base/text.h"
#include "venv/path_boundary.h"

namespace pkg::venv {
namespace {

Error edited(std::string_view folder, const pep::ManifestFile& file) {
  return make_error(ErrorKind::hash_mismatch,
                    cat("the cached file ", quote(join_path(folder, file.name)), " was changed since it was unpacked"),
                    "the cache entry is unusable; it has to be unpacked again");
}

Result<std::string> hash_of(int fd, std::string_view folder, const pep::ManifestFile& file) {
  hash::Hasher hasher(hash::Algorithm::sha256);
  std::array<char, 64 * 1024> buffer;
  while (true) {
    const ssize_t got = ::read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fs::errno_error("cannot read", join_path(folder, file.name), errno);
    if (got == 0) return hasher.finish();
    hasher.update(std::string_view(buffer.data(), static_cast<std::size_t>(got)));
  }
}

bool cannot_link(int error) {
  return error == EXDEV || error == EPERM || error == EACCES || error == EOPNOTSUPP || error == ENOSYS;
}

Status copy_bytes(int in, int out, std::string_view name) {
  bool by_kernel = true;
  std::array<char, 64 * 1024> buffer;
  while (true) {
    if (by_kernel) {
      const ssize_t moved = ::copy_file_range(in, nullptr, out, nullptr, 1u << 30, 0);
      if (moved == 0) by_kernel = false;  // the end, or a file system that says so wrongly: read() decides
      if (moved > 0 || (moved < 0 && errno == EINTR)) continue;
      if (moved < 0 && errno != EXDEV && errno != EINVAL && errno != ENOSYS && errno != EOPNOTSUPP && errno != EPERM)
        return fs::errno_error("cannot write", std::string(name), errno);
      by_kernel = false;
    }
    const ssize_t got = ::read(in, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fs::errno_error("cannot copy to", std::string(name), errno);
    if (got == 0) return ok_status();
    PKG_TRY(fs::write_all(out, std::string_view(buffer.data(), static_cast<std::size_t>(got)), std::string(name)));
  }
}

}  // namespace

Status check_source(int at, std::string_view folder, const pep::ManifestFile& file) {
  struct stat info;
  if (::fstatat(at, file.name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) return edited(folder, file);
    return fs::errno_error("cannot look at", join_path(folder, file.name), errno);
  }
  if (!S_ISREG(info.st_mode) || static_cast<std::uint64_t>(info.st_size) != file.size) return edited(folder, file);
  const std::int64_t mtime_ns = static_cast<std::int64_t>(info.st_mtim.tv_sec) * 1'000'000'000 + info.st_mtim.tv_nsec;
  if (mtime_ns == file.mtime_ns) return ok_status();
  const fs::Fd fd(::openat(at, file.name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!fd) return fs::errno_error("cannot open", join_path(folder, file.name), errno);
  PKG_TRY_ASSIGN(const auto found, hash_of(fd.get(), folder, file));
  if (found != file.sha256) return edited(folder, file);
  return ok_status();
}

Status Linker::place(int from, std::string_view from_path, int to, std::string_view to_path,
                     const pep::ManifestFile& file) {
  PKG_TRY(check_source(from, from_path, file));
  const LinkMode mode = mode_.load(std::memory_order_relaxed);
  if (mode == LinkMode::hardlink) {
    if (::linkat(from, file.name.c_str(), to, file.name.c_str(), 0) == 0) return ok_status();
    const int error = errno;
    if (error != EMLINK && !cannot_link(error))
      return fs::errno_error("cannot create", join_path(to_path, file.name), error);
    PKG_TRY(copy(from, from_path, to, to_path, file, false));
    if (error != EMLINK) mode_.store(LinkMode::copy, std::memory_order_relaxed);
    return ok_status();
  }
  return copy(from, from_path, to, to_path, file, mode == LinkMode::clone);
}

Status Linker::copy(int from, std::string_view from_path, int to, std::string_view to_path,
                    const pep::ManifestFile& file, bool clone) {
  const std::string target = join_path(to_path, file.name);
  const fs::Fd in(::openat(from, file.name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!in) return fs::errno_error("cannot open", join_path(from_path, file.name), errno);
  fs::Fd out(::openat(to, file.name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, file.executable ? 0777 : 0666));
  if (!out) return fs::errno_error("cannot create", target, errno);
  if (clone) {
    if (::ioctl(out.get(), FICLONE, in.get()) == 0) return out.close(target);
    if (errno == ENOSPC || errno == EIO || errno == EDQUOT) return fs::errno_error("cannot write", target, errno);
    mode_.store(LinkMode::copy, std::memory_order_relaxed);
  }
  PKG_TRY(copy_bytes(in.get(), out.get(), target));
  return out.close(target);
}

Status Linker::share(int from, const std::string& name, int to, std::string_view to_path, const std::string& to_name) {
  const std::string target = join_path(to_path, to_name);
  if (::linkat(from, name.c_str(), to, to_name.c_str(), 0) == 0) return ok_status();
  if (errno != EMLINK && !cannot_link(errno)) return fs::errno_error("cannot create", target, errno);
  const fs::Fd in(::openat(from, name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  struct stat info;
  if (!in || ::fstat(in.get(), &info) != 0) return fs::errno_error("cannot read what becomes", target, errno);
  const mode_t mode = (info.st_mode & 0100) != 0 ? 0777 : 0666;
  fs::Fd out(::openat(to, to_name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  if (!out) return fs::errno_error("cannot create", target, errno);
  PKG_TRY(copy_bytes(in.get(), out.get(), target));
  return out.close(target);
}

}  // namespace pkg::venv
