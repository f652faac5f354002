// Locks where the file system has none: a filter of the kernel's answers flock() as such file systems do.
#include "base/fs_lock.h"

#include <doctest/doctest.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstddef>
#include <functional>

#include "base/fs.h"
#include "support/printers.h"
#include "support/temp_dir.h"

using namespace pkg;

namespace {

// In a child: a filter stays for good.
bool holds_without_flock(unsigned error, const std::function<bool()>& claim) {
  const pid_t child = ::fork();
  if (child == 0) {
    sock_filter filter[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
                            BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_flock, 0, 1),
                            BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
                            BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    const sock_fprog program{4, filter};
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) ::_exit(2);
    ::_exit(claim() ? 0 : 1);
  }
  int status = 0;
  return ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

Result<fs::FileLock> acquire(const fs::Path& path, fs::LockMode mode) { return fs::FileLock::acquire(path, mode, 0); }

}  // namespace

TEST_CASE("without locks, an exclusive one still keeps out the other processes of the machine, and says its limits") {
  const test::TempDir dir;
  const auto path = dir / "lock";
  for (const unsigned error : {ENOLCK, ENOSYS, EOPNOTSUPP, EINVAL}) {
    CAPTURE(error);
    CHECK(holds_without_flock(error, [&] {
      {
        const auto lock = acquire(path, fs::LockMode::exclusive);
        if (!lock.ok() || fs::has_locks(path) || !fs::is_locked(path)) return false;
        const auto second = acquire(path, fs::LockMode::exclusive);
        if (second.ok() || second.error().kind != ErrorKind::busy) return false;
        if (second.error().message.find(std::to_string(::getpid())) == std::string::npos) return false;
      }
      return !fs::is_locked(path) && acquire(path, fs::LockMode::exclusive).ok();
    }));
  }
}

TEST_CASE("without locks, a shared one is given to everybody") {
  const test::TempDir dir;
  CHECK(holds_without_flock(ENOLCK, [&] {
    const auto exclusive = acquire(dir / "lock", fs::LockMode::exclusive);
    const auto shared = acquire(dir / "lock", fs::LockMode::shared);
    return exclusive.ok() && shared.ok();
  }));
}

TEST_CASE("another answer of the file system is an error, and a lock that is had reaches everybody") {
  const test::TempDir dir;
  CHECK(holds_without_flock(EIO, [&] {
    const auto lock = acquire(dir / "lock", fs::LockMode::exclusive);
    return !lock.ok() && lock.error().kind == ErrorKind::io;
  }));
  const auto lock = acquire(dir / "lock", fs::LockMode::exclusive);
  REQUIRE_OK(lock);
  CHECK(fs::has_locks(dir / "lock"));
  CHECK(fs::is_locked(dir / "lock"));
  CHECK_FALSE(fs::is_locked(dir / "none"));
}
