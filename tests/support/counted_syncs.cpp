#include "support/counted_syncs.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>

namespace {

std::atomic<int> files{0}, file_systems{0};

}  // namespace

extern "C" int fsync(int fd) {
  ++files;
  return static_cast<int>(::syscall(SYS_fsync, fd));
}

extern "C" int fdatasync(int fd) {
  ++files;
  return static_cast<int>(::syscall(SYS_fdatasync, fd));
}

extern "C" int syncfs(int fd) noexcept {
  ++file_systems;
  return static_cast<int>(::syscall(SYS_syncfs, fd));
}

namespace pkg::test {

SyncCounts sync_counts() { return {files.load(), file_systems.load()}; }

}  // namespace pkg::test
