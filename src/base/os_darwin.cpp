// macOS. It compiles (scripts/check-macos); nobody has run it there yet.
#ifdef __APPLE__

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/attr.h>
#include <sys/event.h>
#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>

#include "base/os.h"

namespace pkg::os {
namespace {

constexpr std::size_t kEntryHead = 19;  // of an entry as read_entries() gives it, before its name
constexpr std::size_t kRandomAtOnce = 256;

// What the kernel writes for each entry when it is asked for name and kind.
struct __attribute__((packed)) Attributes {
  std::uint32_t length;
  attribute_set_t returned;
  attrreference_t name;
  fsobj_type_t type;
};

// Of <sys/vnode.h>, which is not everywhere, and of <dirent.h>.
constexpr fsobj_type_t kFile = 1, kFolder = 2, kLink = 5;

unsigned char type_of(fsobj_type_t type) {
  if (type == kFolder) return DT_DIR;
  if (type == kFile) return DT_REG;
  return type == kLink ? DT_LNK : DT_UNKNOWN;
}

std::size_t put_entry(const Attributes& attributes, char* into) {
  const char* name = reinterpret_cast<const char*>(&attributes.name) + attributes.name.attr_dataoffset;
  const std::size_t length = attributes.name.attr_length;  // with its zero
  const auto size = static_cast<std::uint16_t>((kEntryHead + length + 7) / 8 * 8);
  std::memset(into, 0, size);
  std::memcpy(into + 16, &size, sizeof size);
  into[18] = static_cast<char>(type_of(attributes.type));
  std::memcpy(into + kEntryHead, name, length);
  return size;
}

}  // namespace

ssize_t random_bytes(void* into, std::size_t size, bool) {
  const auto count = std::min(size, kRandomAtOnce);
  return ::getentropy(into, count) == 0 ? static_cast<ssize_t>(count) : -1;
}

ssize_t read_entries(int folder, char* into, std::size_t size) {
  attrlist wanted{};
  wanted.bitmapcount = ATTR_BIT_MAP_COUNT;
  wanted.commonattr = ATTR_CMN_RETURNED_ATTRS | ATTR_CMN_NAME | ATTR_CMN_OBJTYPE;
  // Ours are no longer than theirs, rounded up.
  alignas(8) std::array<char, 8 * 1024> theirs;
  const int count = ::getattrlistbulk(folder, &wanted, theirs.data(), std::min(theirs.size(), size / 2), 0);
  if (count < 0) return -1;
  const char* at = theirs.data();
  std::size_t filled = 0;
  for (int i = 0; i < count; ++i) {
    const auto& attributes = *reinterpret_cast<const Attributes*>(at);
    filled += put_entry(attributes, into + filled);
    at += attributes.length;
  }
  return static_cast<ssize_t>(filled);
}

int rename(int from_folder, const char* from, int to_folder, const char* to, Rename how) {
  const unsigned flags = how == Rename::exchange ? RENAME_SWAP : how == Rename::keep_what_is_there ? RENAME_EXCL : 0;
  return ::renameatx_np(from_folder, from, to_folder, to, flags);
}

ssize_t copy_range(int, int, std::size_t) {
  errno = ENOSYS;
  return -1;
}

int memory_file(const char*) {
  char name[] = "/tmp/pkg-XXXXXX";
  const int fd = ::mkstemp(name);
  if (fd < 0) return -1;
  ::unlink(name);
  ::fcntl(fd, F_SETFD, FD_CLOEXEC);
  return fd;
}

int watch_process(pid_t process) {
  const int queue = ::kqueue();
  struct kevent end {};
  EV_SET(&end, static_cast<uintptr_t>(process), EVFILT_PROC, EV_ADD, NOTE_EXIT, 0, nullptr);
  if (queue >= 0 && ::kevent(queue, &end, 1, nullptr, 0, nullptr) != 0) {
    ::close(queue);
    return -1;
  }
  return queue;
}

long thread_id() {
  std::uint64_t id = 0;
  ::pthread_threadid_np(nullptr, &id);
  return static_cast<long>(id);
}

int usable_cores() { return static_cast<int>(::sysconf(_SC_NPROCESSORS_ONLN)); }

}  // namespace pkg::os

#endif
