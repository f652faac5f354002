// Advisory locks on files, with the holder's name in the file.
#include <fcntl.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/fs.h"
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
  timespec rest{static_cast<time_t>(seconds), static_cast<long>((seconds - static_cast<double>(static_cast<time_t>(seconds))) * 1e9)};
  ::nanosleep(&rest, nullptr);
}

// "PID COMMAND", as the holder wrote it; empty when it wrote nothing.
std::string holder_of(int fd) {
  char buffer[256];
  const ssize_t got = ::pread(fd, buffer, sizeof buffer, 0);
  if (got <= 0) return {};
  const std::string_view line = std::string_view(buffer, static_cast<std::size_t>(got));
  return std::string(line.substr(0, line.find('\n')));
}

// The program and its verb. Not the other words: there may be secrets among them, and the file stays.
std::string own_command() {
  const auto words = read_file_at_most("/proc/self/cmdline", 1 << 20);
  if (!words) return {};
  std::string command;
  for (const auto word : split(*words, '\0')) {
    if (command.empty()) {
      command = word.substr(word.rfind('/') + 1);
    } else if (!word.starts_with('-')) {
      append(command, ' ', word.substr(0, 40));
      break;
    }
  }
  return replace_all(command, "\n", " ");
}

// The note is for people; a lock without it is a lock all the same.
void write_holder(int fd) {
  const std::string note = cat(::getpid(), ' ', own_command(), '\n');
  if (::ftruncate(fd, 0) == 0) (void)!::pwrite(fd, note.data(), note.size(), 0);
}

Error busy(const Path& path, int fd) {
  const std::string holder = holder_of(fd);
  const std::string by = holder.empty() ? "another process" : cat("another process, ", quote(holder));
  return make_error(ErrorKind::busy, cat(quote(path.native()), " is locked by ", by), "wait for it to finish, then try again");
}

// A lock file on a read-only place can still be locked, only not made or annotated.
Result<Fd> open_lock_file(const Path& path) {
  int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
  if (fd < 0 && (errno == EROFS || errno == EACCES)) fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) return errno_error("cannot open the lock file", path, errno);
  return Fd(fd);
}

// Who held the lock before may have removed its file: then this is a lock on nothing.
bool is_still_there(int fd, const Path& path) {
  struct stat locked {};
  struct stat there {};
  return ::fstat(fd, &locked) == 0 && ::lstat(path.c_str(), &there) == 0 && locked.st_dev == there.st_dev && locked.st_ino == there.st_ino;
}

}  // namespace

Result<FileLock> FileLock::acquire(const Path& path, LockMode mode, double wait_s) {
  PKG_TRY_ASSIGN(Fd fd, open_lock_file(path));
  const int operation = (mode == LockMode::shared ? LOCK_SH : LOCK_EX) | LOCK_NB;
  double deadline = -1;
  for (double pause = kFirstPause_s;; pause = std::min(pause * 2, kLongestPause_s)) {
    if (::flock(fd.get(), operation) == 0) {
      if (is_still_there(fd.get(), path)) break;
      PKG_TRY_ASSIGN(fd, open_lock_file(path));
      continue;
    }
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) return errno_error("cannot lock", path, errno);
    const double now = monotonic_s();
    if (deadline < 0) deadline = now + wait_s;
    if (now >= deadline) return busy(path, fd.get());
    pause_for(std::min(pause, deadline - now));
  }
  if (mode == LockMode::exclusive) write_holder(fd.get());
  return FileLock(std::move(fd));
}

}  // namespace pkg::fs
