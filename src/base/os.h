#pragma once
// System calls that libcs have under different names, later than we need them, or not at all. They answer as system
// calls do: -1 with errno, ENOSYS where a system has no such thing.

#include <sys/types.h>

#include <cstddef>
#include <cstdint>

struct stat;

namespace pkg::os {

// Random bytes of the system's. With `wait` it waits until there are any (a machine that has only just started);
// without, it fails then. Fewer than asked for: call again.
ssize_t random_bytes(void* into, std::size_t size, bool wait);

// Entries of an open folder, as getdents64 writes them; 0 at the end.
ssize_t read_entries(int folder, char* into, std::size_t size);

enum class Rename { replace, keep_what_is_there, exchange };
// Of two names, each in an open folder (AT_FDCWD: the working folder).
int rename(int from_folder, const char* from, int to_folder, const char* to, Rename how);

// Lets the kernel copy, from where the two files stand: how many bytes it did; 0 at the end.
ssize_t copy_range(int in, int out, std::size_t size);

// A file without a name, in memory, closed on exec.
int memory_file(const char* name);

// A descriptor that becomes readable when the child ends.
int watch_process(pid_t process);

// Of the calling thread; unique on the machine while it runs.
long thread_id();

// The processor cores that this process may run on; 0: not known.
int usable_cores();

// The variables of this process, ended by a null pointer, as they are in memory.
char** environment();

// When a file was changed last, in nanoseconds since the epoch.
std::int64_t modified_ns(const struct stat& info);

// The text of an errno, in `buffer` or elsewhere.
const char* error_text(int error_number, char* buffer, std::size_t size);

// "SEGV"; nullptr for a number that has no name here.
const char* signal_name(int signal);

}  // namespace pkg::os
