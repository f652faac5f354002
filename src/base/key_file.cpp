#include "base/key_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/beneath.h"
#include "base/fs_refusal.h"
#include "base/os.h"
#include "base/text.h"

namespace pkg::fs {
namespace {

constexpr int kTries = 3;  // others may make the key at the same time

Error refused_key(const Path& path, std::string_view what) {
  return make_error(ErrorKind::unsupported, cat(quote(path.native()), ' ', what));
}

// The folder is made where the one above it is the user's, or root's: root leaves nothing in a user's home.
Status make_own_folder(const Path& folder) {
  Path above = folder;
  while (!fs::exists(above) && above.has_relative_path()) above = above.parent_path();
  struct stat info;
  if (::stat(above.c_str(), &info) != 0) return errno_error("cannot look at", above, errno);
  if (info.st_uid != ::geteuid() && info.st_uid != 0) return refused_key(above, "belongs to another user");
  PKG_TRY(make_dirs(folder.parent_path()));
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return errno_error("cannot make folder", folder, errno);
  return ok_status();
}

Result<Fd> open_own_folder(const Path& folder) {
  Fd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd && errno == ENOENT) {
    PKG_TRY(make_own_folder(folder));
    fd = Fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }
  struct stat info;
  if (!fd || ::fstat(fd.get(), &info) != 0) return errno_error("cannot open folder", folder, errno);
  if (info.st_uid != ::geteuid()) return refused_key(folder, "belongs to another user");
  if ((info.st_mode & 0022) != 0) return refused_key(folder, "can be written to by others");
  return fd;
}

// not_found: there is none.
Result<std::string> read_key(int folder, const char* name, const Path& path) {
  const Fd fd(::openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!fd && errno == ELOOP) return refused_key(path, "is a symbolic link");
  struct stat info;
  if (!fd || ::fstat(fd.get(), &info) != 0) return errno_error("cannot open", path, errno);
  if (!S_ISREG(info.st_mode)) return refused_key(path, "is not a regular file");
  if (info.st_uid != ::geteuid()) return refused_key(path, "belongs to another user");
  if ((info.st_mode & 0077) != 0) return refused_key(path, "can be read by others");
  std::array<char, kKeySize + 1> buffer;
  PKG_TRY_ASSIGN(const auto size, read_at(fd.get(), 0, buffer, path));
  if (size != kKeySize) return refused_key(path, cat("does not hold ", kKeySize, " bytes"));
  return std::string(buffer.data(), size);
}

// True when `name` is there afterwards, whoever made it.
bool move_to_free_name(int folder, const char* from, const char* name) {
  if (os::rename(folder, from, folder, name, os::Rename::keep_what_is_there) == 0 || errno == EEXIST) return true;
  if (!is_refusal(errno)) return false;
  return exists_at(folder, name) || ::renameat(folder, from, folder, name) == 0;
}

// Whole, or not at all: it is linked to its name when it is written.
Status write_key(int folder, const char* name, const Path& path) {
  const std::string bytes = random_bytes(kKeySize);
  if (bytes.size() != kKeySize) return make_error(ErrorKind::io, "the system gives no random bytes");
  const std::string temporary = cat(name, ".tmp-", ::getpid(), '-', os::thread_id());
  Fd out(::openat(folder, temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!out) return errno_error("cannot create", path.parent_path() / temporary, errno);
  Status done = write_all(out.get(), bytes, path);
  if (done.ok() && ::fsync(out.get()) != 0) done = errno_error("cannot write", path, errno);
  if (done.ok()) done = out.close(path);
  if (done.ok() && ::linkat(folder, temporary.c_str(), folder, name, 0) != 0) {
    const bool no_links = is_refusal(errno) || errno == EMLINK;
    if (!no_links && errno != EEXIST) done = errno_error("cannot create", path, errno);
    if (no_links && !move_to_free_name(folder, temporary.c_str(), name))
      done = errno_error("cannot create", path, errno);
  }
  (void)::unlinkat(folder, temporary.c_str(), 0);
  return done;
}

}  // namespace

std::string random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  std::size_t filled = 0;
  while (filled < count) {
    const ssize_t got = os::random_bytes(bytes.data() + filled, count - filled, true);
    if (got > 0) filled += static_cast<std::size_t>(got);
    if (got < 0 && errno != EINTR) return {};
  }
  return bytes;
}

Result<std::string> own_key(const Path& folder, const char* name) {
  const auto path = folder / name;
  PKG_TRY_ASSIGN(const auto at, open_own_folder(folder));
  for (int attempt = 0;; ++attempt) {
    auto bytes = read_key(at.get(), name, path);
    if (bytes.ok() || bytes.error().kind != ErrorKind::not_found || attempt == kTries) return bytes;
    PKG_TRY(write_key(at.get(), name, path));
  }
}

}  // namespace pkg::fs
