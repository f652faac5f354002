#include "builder/socket_filter.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "base/fs.h"
#include "base/text.h"

namespace pkg::builder {
namespace {

// Numbers and forms of the kernel: headers of older systems lack some.
constexpr unsigned long kUninterrupted = 1UL << 5;  // SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, Linux 5.19
constexpr long kPidfdOpen = 434, kPidfdGetfd = 438, kIoUringSetup = 425;

#if defined(__x86_64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#else
constexpr std::uint32_t kArchitecture = 0;
#endif
constexpr std::uint32_t kX32 = 0x40000000;

constexpr std::uint32_t kAllow = SECCOMP_RET_ALLOW;
constexpr std::uint32_t refuse(int error) { return SECCOMP_RET_ERRNO | static_cast<std::uint32_t>(error); }

// A program whose tests jump over one answer.
class Program {
 public:
  Program& load(std::size_t offset) {
    return add(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset)));
  }
  Program& mask(std::uint32_t bits) { return add(BPF_STMT(BPF_ALU | BPF_AND | BPF_K, bits)); }
  Program& answer(std::uint32_t value) { return add(BPF_STMT(BPF_RET | BPF_K, value)); }
  Program& if_equal(std::uint32_t value, std::uint32_t then) {
    return add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1)).answer(then);
  }
  Program& if_other(std::uint32_t value, std::uint32_t then) {
    return add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 1, 0)).answer(then);
  }
  Program& if_at_least(std::uint32_t value, std::uint32_t then) {
    return add(BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, value, 0, 1)).answer(then);
  }
  // Unless it is one of two.
  Program& if_neither(std::uint32_t one, std::uint32_t other, std::uint32_t then) {
    add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, one, 2, 0));
    return add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, other, 1, 0)).answer(then);
  }
  sock_fprog get() {
    sock_fprog program{};
    program.len = static_cast<unsigned short>(lines_.size());
    program.filter = lines_.data();
    return program;
  }

 private:
  Program& add(sock_filter line) {
    lines_.push_back(line);
    return *this;
  }
  std::vector<sock_filter> lines_;
};

// The low half of an argument: int arguments are taken from there.
constexpr std::size_t argument(std::size_t which) {
  return offsetof(seccomp_data, args) + which * sizeof(std::uint64_t);
}

Program rules(Network network, bool is_asked) {
  Program program;
  program.load(offsetof(seccomp_data, arch)).if_other(kArchitecture, refuse(EPERM)).load(offsetof(seccomp_data, nr));
#if defined(__x86_64__)
  program.if_at_least(kX32, refuse(EPERM));
#endif
  program.if_equal(kIoUringSetup, refuse(ENOSYS));  // it makes sockets, too
  if (is_asked) {
    program.if_equal(SYS_connect, SECCOMP_RET_USER_NOTIF);
    program.if_neither(SYS_socket, SYS_socketpair, kAllow);
  } else {
    program.if_neither(SYS_socket, SYS_socketpair, kAllow);
    // socket() alone: pairs reach nobody.
    program.if_equal(SYS_socketpair, kAllow);
    program.load(argument(0)).if_equal(AF_UNIX, refuse(EACCES));
  }
  program.load(argument(0)).if_equal(AF_NETLINK, kAllow);
  if (network == Network::own) program.if_equal(AF_INET, kAllow).if_equal(AF_INET6, kAllow);
  program.if_other(AF_UNIX, refuse(ENETUNREACH));
  program.load(argument(1)).mask(0xF).if_equal(SOCK_DGRAM, refuse(EACCES)).if_equal(SOCK_RAW, refuse(EACCES));
  program.answer(kAllow);
  return program;
}

int install(Network network, unsigned long flags) {
  auto program = rules(network, flags != 0);
  const auto filter = program.get();
  return static_cast<int>(::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &filter));
}

// --- The guard's side.

struct Address {
  sockaddr_storage data{};
  socklen_t size = 0;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&data); }
  bool is_local() const { return data.ss_family == AF_UNIX; }
  // Of a socket file; empty: an abstract or nameless one.
  std::string path() const {
    const char* text = reinterpret_cast<const char*>(&data) + offsetof(sockaddr_un, sun_path);
    const auto room = size - offsetof(sockaddr_un, sun_path);
    return std::string(text, ::strnlen(text, room));
  }
};

bool read_address(pid_t process, std::uint64_t at, std::uint64_t size, Address& address) {
  if (size < sizeof(sa_family_t) || size > sizeof address.data) return false;
  iovec into{&address.data, size};
  iovec from{reinterpret_cast<void*>(at), size};  // NOLINT(performance-no-int-to-ptr): of another process
  address.size = static_cast<socklen_t>(size);
  return ::process_vm_readv(process, &into, 1, &from, 1, 0) == static_cast<ssize_t>(size);
}

// The process that a thread is of.
pid_t process_of(pid_t thread) {
  const auto status = fs::read_file(cat("/proc/", thread, "/status"));
  if (!status) return thread;
  for (const auto line : split_lines(*status))
    if (line.starts_with("Tgid:")) return static_cast<pid_t>(parse_u64(trim(line.substr(5))).value_or(0));
  return thread;
}

fs::Fd socket_file(pid_t process, const std::string& path) {
  const fs::Fd folder(::open(cat("/proc/", process, "/cwd").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  return fs::Fd(::openat(folder ? folder.get() : -1, path.c_str(), O_PATH | O_CLOEXEC));
}

// The connection is made with the descriptor and the address that were looked at: what the process does to its memory
// meanwhile is of no use to it.
int connect_for(const seccomp_notif& question, int listener, Network network, const MayConnect& may_connect) {
  const auto thread = static_cast<pid_t>(question.pid);
  Address address;
  if (!read_address(thread, question.data.args[1], question.data.args[2], address)) return EFAULT;
  const fs::Fd process(static_cast<int>(::syscall(kPidfdOpen, process_of(thread), 0U)));
  if (!process) return errno;
  const fs::Fd socket(
      static_cast<int>(::syscall(kPidfdGetfd, process.get(), static_cast<int>(question.data.args[0]), 0U)));
  if (!socket) return errno;
  // Still the process that asked, and not one that got its number since.
  if (::ioctl(listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &question.id) != 0) return ESRCH;
  if (!address.is_local()) {
    if (network == Network::none && address.data.ss_family != AF_NETLINK) return ENETUNREACH;
    return ::connect(socket.get(), address.get(), address.size) == 0 ? 0 : errno;
  }
  const auto path = address.path();
  if (path.empty()) {
    if (network == Network::none) return EACCES;  // the names of all others
    return ::connect(socket.get(), address.get(), address.size) == 0 ? 0 : errno;
  }
  const fs::Fd file = socket_file(thread, path);
  if (!file) return errno;
  if (!may_connect(file.get())) return EACCES;
  sockaddr_un by_descriptor{};
  by_descriptor.sun_family = AF_UNIX;
  const auto name = cat("/proc/self/fd/", file.get());
  name.copy(by_descriptor.sun_path, sizeof by_descriptor.sun_path - 1);
  return ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&by_descriptor), sizeof by_descriptor) == 0 ? 0
                                                                                                               : errno;
}

}  // namespace

bool has_socket_filter() { return kArchitecture != 0; }

int filter_sockets(Network network, int& listener) noexcept {
  listener = -1;
  if (!has_socket_filter()) return 0;
  for (const auto flags : {SECCOMP_FILTER_FLAG_NEW_LISTENER | kUninterrupted, SECCOMP_FILTER_FLAG_NEW_LISTENER}) {
    listener = install(network, flags);
    if (listener >= 0) return 0;
  }
  return install(network, 0) == 0 ? 0 : errno;
}

void answer_connect(int listener, Network network, const MayConnect& may_connect) {
  seccomp_notif question{};
  if (::ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &question) != 0) return;
  // A connection may take its time: in a process of its own.
  const pid_t helper = ::fork();
  if (helper > 0) return;
  seccomp_notif_resp answer{};
  answer.id = question.id;
  answer.error = helper < 0 ? -EAGAIN : -connect_for(question, listener, network, may_connect);
  (void)::ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
  if (helper == 0) ::_exit(0);
}

}  // namespace pkg::builder
