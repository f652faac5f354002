// Advisory locks on files, with the holder's name in the file.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "base/fs.h"
#include "base/fs_lock.h"
#include "base/fs_refusal.h"
#include "base/text.h"

namespace pkg::fs {
namespace {

constexpr double kFirstPause_s = 0.002;
constexpr double kLongestPause_s = 0.1;

double monotonic_s() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

void pause_for(double seconds) {
  timespec rest{static_cast<time_t>(seconds),
                static_cast<long>((seconds - static_cast<double>(static_cast<time_t>(seconds))) * 1e9)};
  ::nanosleep(&rest, nullptr);
}

// What the holder wrote; empty when it wrote nothing.
std::string holder_of(int fd) {
  char buffer[64];
  const ssize_t got = ::pread(fd, buffer, sizeof buffer, 0);
  if (got <= 0) return {};
  const std::string_view line = std::string_view(buffer, static_cast<std::size_t>(got));
  return std::string(line.substr(0, line.find('\n')));
}

Error busy(const Path& path, int fd) {
  const std::string holder = holder_of(fd);
  const std::string by = holder.empty() ? "another process" : cat("another process, ", quote(holder));
  return make_error(ErrorKind::busy, cat(quote(path.native()), " is locked by ", by),
                    "wait for it to finish, then try again");
}

enum class Tried : std::uint8_t { taken, by_another, no_locks, failed };

Tried try_flock(int fd, LockMode mode) {
  int done = 0;
  do {
    done = ::flock(fd, (mode == LockMode::shared ? LOCK_SH : LOCK_EX) | LOCK_NB);
  } while (done != 0 && errno == EINTR);
  if (done == 0) return Tried::taken;
  if (errno == EWOULDBLOCK) return Tried::by_another;
  return means_no_locks(errno) ? Tried::no_locks : Tried::failed;
}

// The file's name among the kernel's sockets; where there are none, the file goes unlocked.
Tried try_stand_in(int fd, Fd& stand_in) {
  struct stat info {};
  sockaddr_un address{};
  if (::fstat(fd, &info) != 0) return Tried::failed;
  const std::string name = cat("pkg lock ", info.st_dev, ' ', info.st_ino);
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path + 1, name.data(), name.size());  // a zero before it: no file
  Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  const bool bound = socket && ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), size) == 0;
  if (!bound && socket && errno == EADDRINUSE) return Tried::by_another;
  stand_in = std::move(socket);
  return Tried::taken;
}

// `held` is what stands in for the file's lock, if anything does.
Tried try_once(int fd, LockMode mode, HeldLock& held) {
  const Tried tried = try_flock(fd, mode);
  held.reaches_others = tried != Tried::no_locks;
  if (held.reaches_others) return tried;
  return mode == LockMode::shared ? Tried::taken : try_stand_in(fd, held.fd);
}

// A file at a path, or in a folder that is held open.
class LockFile {
 public:
  LockFile(int folder, const std::string& name, const Path& shown) : folder_(folder), name_(name), shown_(shown) {}

  Result<HeldLock> lock(LockMode mode, double wait_s, std::string_view verb) const;

 private:
  Result<Fd> open() const;
  bool is_still_there(int fd, struct stat& locked) const;

  int folder_;
  const std::string& name_;
  const Path& shown_;
};

void write_holder(int fd, std::string_view verb) {
  const std::string note = cat(::getpid(), verb.empty() ? "" : " ", verb, '\n');
  if (::ftruncate(fd, 0) == 0) (void)!::pwrite(fd, note.data(), note.size(), 0);
}

Error refused_lock(const Path& path, std::string_view what) {
  return make_error(ErrorKind::unsupported, cat("the lock file ", quote(path.native()), " is ", what, ": refused"),
                    "delete it; pkg makes its own");
}

// A lock file on a read-only place can still be locked, only not made or annotated.
Result<Fd> LockFile::open() const {
  constexpr int kFlags = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
  int fd = ::openat(folder_, name_.c_str(), O_RDWR | O_CREAT | kFlags, 0644);
  if (fd < 0 && (errno == EROFS || errno == EACCES)) fd = ::openat(folder_, name_.c_str(), O_RDONLY | kFlags);
  if (fd < 0 && errno == ELOOP) return refused_lock(shown_, "a symbolic link");
  if (fd < 0 && (errno == EISDIR || errno == ENXIO || errno == ENODEV))
    return refused_lock(shown_, "not a regular file");
  if (fd < 0) return errno_error("cannot open the lock file", shown_, errno);
  return Fd(fd);
}

// Who held the lock before may have removed its file: then this is a lock on nothing.
bool LockFile::is_still_there(int fd, struct stat& locked) const {
  struct stat there {};
  return ::fstat(fd, &locked) == 0 && ::fstatat(folder_, name_.c_str(), &there, AT_SYMLINK_NOFOLLOW) == 0 &&
         locked.st_dev == there.st_dev && locked.st_ino == there.st_ino;
}

Result<HeldLock> LockFile::lock(LockMode mode, double wait_s, std::string_view verb) const {
  PKG_TRY_ASSIGN(Fd fd, open());
  HeldLock held;
  double deadline = -1;
  struct stat info {};
  for (double pause = kFirstPause_s;; pause = std::min(pause * 2, kLongestPause_s)) {
    const Tried tried = try_once(fd.get(), mode, held);
    if (tried == Tried::failed) return errno_error("cannot lock", shown_, errno);
    if (tried == Tried::taken) {
      if (is_still_there(fd.get(), info)) break;
      held.fd = Fd();
      PKG_TRY_ASSIGN(fd, open());
      continue;
    }
    const double now = monotonic_s();
    if (deadline < 0) deadline = now + wait_s;
    if (now >= deadline) return busy(shown_, fd.get());
    pause_for(std::min(pause, deadline - now));
  }
  if (!S_ISREG(info.st_mode)) return refused_lock(shown_, "not a regular file");
  // The note is for people; a lock without it is a lock all the same. A file that has another name elsewhere is not
  // written to.
  if (mode == LockMode::exclusive && info.st_nlink == 1) write_holder(fd.get(), verb);
  if (held.reaches_others) held.fd = std::move(fd);
  return held;
}

Fd open_to_ask(const Path& path) { return Fd(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)); }

}  // namespace

Result<HeldLock> lock_file_at(int folder, const std::string& name, const Path& shown, LockMode mode, double wait_s,
                              std::string_view verb) {
  return LockFile(folder, name, shown).lock(mode, wait_s, verb);
}

bool is_locked(const Path& path) {
  const Fd fd = open_to_ask(path);
  if (!fd) return false;
  Fd released_at_once;
  const Tried tried = try_flock(fd.get(), LockMode::shared);
  return (tried == Tried::no_locks ? try_stand_in(fd.get(), released_at_once) : tried) == Tried::by_another;
}

bool has_locks(const Path& path) {
  const Fd fd = open_to_ask(path);
  return !fd || try_flock(fd.get(), LockMode::shared) != Tried::no_locks;
}

Result<FileLock> FileLock::acquire(const Path& path, LockMode mode, double wait_s) {
  PKG_TRY_ASSIGN(auto lock, lock_file_at(AT_FDCWD, path.native(), path, mode, wait_s, {}));
  return FileLock(std::move(lock.fd));
}

}  // namespace pkg::fs
