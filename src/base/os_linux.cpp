// Linux, by number: glibc got a function for some of these years after the kernel got the call.
#ifdef __linux__

#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/os.h"

namespace pkg::os {
namespace {

#ifdef SYS_pidfd_open
constexpr long kPidfdOpen = SYS_pidfd_open;
#else
constexpr long kPidfdOpen = 434;  // the same everywhere, as all calls from 424 on
#endif
// The flags as the kernel's headers have them, which libcs repeat in headers of their own.
constexpr unsigned kNoWait = 1;                    // GRND_NONBLOCK
constexpr unsigned kNoReplace = 1, kExchange = 2;  // RENAME_…
constexpr unsigned kCloseOnExec = 1;               // MFD_CLOEXEC

constexpr unsigned flags_of(Rename how) {
  if (how == Rename::exchange) return kExchange;
  return how == Rename::keep_what_is_there ? kNoReplace : 0;
}

}  // namespace

ssize_t random_bytes(void* into, std::size_t size, bool wait) {
  return ::syscall(SYS_getrandom, into, size, wait ? 0U : kNoWait);
}

ssize_t read_entries(int folder, char* into, std::size_t size) { return ::syscall(SYS_getdents64, folder, into, size); }

int rename(int from_folder, const char* from, int to_folder, const char* to, Rename how) {
  return static_cast<int>(::syscall(SYS_renameat2, from_folder, from, to_folder, to, flags_of(how)));
}

ssize_t copy_range(int in, int out, std::size_t size) {
  return ::syscall(SYS_copy_file_range, in, nullptr, out, nullptr, size, 0U);
}

int memory_file(const char* name) { return static_cast<int>(::syscall(SYS_memfd_create, name, kCloseOnExec)); }

int watch_process(pid_t process) { return static_cast<int>(::syscall(kPidfdOpen, process, 0)); }

long thread_id() { return ::syscall(SYS_gettid); }

int usable_cores() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  return ::sched_getaffinity(0, sizeof allowed, &allowed) == 0 ? CPU_COUNT(&allowed) : 0;
}

}  // namespace pkg::os

#endif
