#include "venv/replace.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/fs_lock.h"
#include "base/fs_refusal.h"
#include "base/os.h"

namespace pkg::venv {
namespace {

namespace stdfs = std::filesystem;

bool is_in_the_way(int error) { return error == EEXIST || error == ENOTEMPTY || error == ENOTDIR; }

}  // namespace

Result<Placed> put_where_nothing_was(const stdfs::path& fresh, const stdfs::path& folder) {
  if (os::rename(AT_FDCWD, fresh.c_str(), AT_FDCWD, folder.c_str(), os::Rename::keep_what_is_there) == 0)
    return Placed::done;
  if (is_in_the_way(errno)) return Placed::occupied;
  if (!fs::is_refusal(errno)) return fs::errno_error("cannot make", folder, errno);
  // Without that flag an empty folder would be replaced, nothing else.
  if (fs::exists(folder)) return Placed::occupied;
  return put_over_empty_folder(fresh, folder);
}

Result<Placed> put_over_empty_folder(const stdfs::path& fresh, const stdfs::path& folder) {
  if (::rename(fresh.c_str(), folder.c_str()) == 0) return Placed::done;
  if (is_in_the_way(errno)) return Placed::occupied;
  if (errno == EXDEV || errno == EBUSY) return Placed::impossible;
  return fs::errno_error("cannot make", folder, errno);
}

Result<Placed> exchange(const stdfs::path& fresh, const stdfs::path& folder) {
  if (os::rename(AT_FDCWD, fresh.c_str(), AT_FDCWD, folder.c_str(), os::Rename::exchange) == 0) return Placed::done;
  // A folder of a lower layer of overlayfs, a mount point, a file system without exchange.
  if (errno == EXDEV || errno == EBUSY || fs::is_refusal(errno)) return Placed::impossible;
  return fs::errno_error("cannot replace", folder, errno);
}

bool leads_to(const stdfs::path& path, int folder) {
  struct stat there {
  }, held{};
  return ::stat(path.c_str(), &there) == 0 && ::fstat(folder, &held) == 0 && there.st_dev == held.st_dev &&
         there.st_ino == held.st_ino;
}

Result<fs::HeldLock> lock_prefix(const stdfs::path& prefix, double wait_s, std::string_view verb) {
  for (int tries = 0; tries < 100; ++tries) {
    const fs::Fd folder(::open(prefix.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!folder) return fs::errno_error("cannot open", prefix, errno);
    (void)::mkdirat(folder.get(), ".pkg", 0755);
    const fs::Fd state(::openat(folder.get(), ".pkg", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!state && errno == ENOENT) continue;  // the folder was deleted
    if (!state) return fs::HeldLock();
    auto lock = fs::lock_file_at(state.get(), "lock", prefix / ".pkg" / "lock", fs::LockMode::exclusive, wait_s, verb);
    if (!lock.ok() && lock.error().kind == ErrorKind::busy) return std::move(lock).error();
    if (!lock.ok() && lock.error().kind != ErrorKind::not_found) return fs::HeldLock();
    // Whoever had it before may have put another environment in its place.
    if (lock.ok() && leads_to(prefix, folder.get())) return *std::move(lock);
  }
  return make_error(ErrorKind::busy, "other commands keep replacing the environment");
}

}  // namespace pkg::venv
