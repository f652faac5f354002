#include "builder/sandbox_landlock.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>

#include "base/fs.h"
#include "base/text.h"

namespace pkg::builder {
namespace {

// The kernel's interface (Documentation/userspace-api/landlock.rst); headers of older systems lack the later fields.
constexpr long kCreateRuleset = 444, kAddRule = 445, kRestrictSelf = 446;
constexpr unsigned kAskVersion = 1;
constexpr int kPathBeneath = 1;
struct Ruleset {
  std::uint64_t files, network, scopes;
};
struct [[gnu::packed]] PathRule {
  std::uint64_t allowed;
  std::int32_t parent;
};
constexpr std::uint64_t bit(int number) { return std::uint64_t{1} << number; }
constexpr std::uint64_t kWriteFile = bit(1), kRefer = bit(13), kTruncate = bit(14);
// write_file; remove_dir, remove_file and the seven make_…
constexpr std::uint64_t kWriting = kWriteFile | bit(4) | bit(5) | bit(6) | bit(7) | bit(8) | bit(9) | bit(10) | bit(11) | bit(12);
constexpr std::uint64_t kTcp = bit(0) | bit(1);     // bind, connect
constexpr std::uint64_t kScopes = bit(0) | bit(1);  // abstract sockets, signals

std::uint64_t handled_files(int abi) { return kWriting | (abi >= 2 ? kRefer : 0) | (abi >= 3 ? kTruncate : 0); }

#if defined(__x86_64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#else
constexpr std::uint32_t kArchitecture = 0;
#endif

constexpr sock_filter load(std::size_t offset) { return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset)); }
constexpr sock_filter jump_if_equal(std::uint32_t value, std::uint8_t yes, std::uint8_t no) {
  return BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, yes, no);
}
constexpr sock_filter answer(std::uint32_t value) { return BPF_STMT(BPF_RET | BPF_K, value); }

// socket() of any family but AF_UNIX and AF_NETLINK finds no network; io_uring, which makes sockets too, does not exist; calls by another
// architecture's table are refused.
int filter_sockets() noexcept {
  constexpr std::uint32_t kX32 = 0x40000000;
  std::array<sock_filter, 14> program = {
      load(offsetof(seccomp_data, arch)),
      jump_if_equal(kArchitecture, 0, 2),
      load(offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, kX32, 0, 1),
      answer(SECCOMP_RET_ERRNO | EPERM),
      jump_if_equal(SYS_io_uring_setup, 0, 1),
      answer(SECCOMP_RET_ERRNO | ENOSYS),
      jump_if_equal(SYS_socket, 1, 0),
      answer(SECCOMP_RET_ALLOW),
      load(offsetof(seccomp_data, args)),
      jump_if_equal(AF_UNIX, 2, 0),
      jump_if_equal(AF_NETLINK, 1, 0),
      answer(SECCOMP_RET_ERRNO | ENETUNREACH),
      answer(SECCOMP_RET_ALLOW),
  };
  sock_fprog filter{};
  filter.len = static_cast<unsigned short>(program.size());
  filter.filter = program.data();
  return ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) == 0 ? 0 : errno;
}

// Of what does not exist nothing is allowed, and that is no error.
int allow(int rules, const char* path, std::uint64_t rights) noexcept {
  const int fd = ::open(path, O_PATH | O_CLOEXEC);
  if (fd < 0) return errno == ENOENT ? 0 : errno;
  PathRule rule{};
  rule.allowed = rights;
  rule.parent = fd;
  const int error = ::syscall(kAddRule, rules, kPathBeneath, &rule, 0U) == 0 ? 0 : errno;
  ::close(fd);
  return error;
}

}  // namespace

Result<std::unique_ptr<Sandbox>> LandlockSandbox::create(const std::vector<std::filesystem::path>& writable) {
  if (kArchitecture == 0) return make_error(ErrorKind::unsupported, "not on this machine's architecture");
  const auto abi = static_cast<int>(::syscall(kCreateRuleset, nullptr, 0UL, kAskVersion));
  if (abi < 1) return make_error(ErrorKind::unsupported, fs::errno_error("the kernel does not offer", "it", errno).message);
  return std::unique_ptr<Sandbox>(new LandlockSandbox(writable, abi));
}

int LandlockSandbox::enter(const char*& step) const noexcept {
  step = "cannot forbid new privileges to";
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return errno;
  step = "cannot make Landlock rules for";
  const Ruleset handled{handled_files(abi_), abi_ >= 4 ? kTcp : 0, abi_ >= 6 ? kScopes : 0};
  const auto rules = static_cast<int>(::syscall(kCreateRuleset, &handled, sizeof handled, 0U));
  if (rules < 0) return errno;
  if (const int error = allow_folders(rules, step); error != 0) return error;
  step = "cannot restrict by Landlock";
  if (::syscall(kRestrictSelf, rules, 0U) != 0) return errno;
  ::close(rules);
  step = "cannot filter the sockets of";
  return filter_sockets();
}

int LandlockSandbox::allow_folders(int rules, const char*& step) const noexcept {
  const std::uint64_t all = handled_files(abi_);
  step = "cannot allow a writable folder for";
  for (const auto& folder : writable_)
    if (const int error = allow(rules, folder.c_str(), all); error != 0) return error;
  step = "cannot allow devices for";
  for (const char* device : {"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty", "/dev/ptmx"})
    if (const int error = allow(rules, device, all & (kWriteFile | kTruncate)); error != 0) return error;
  for (const char* folder : {"/dev/pts", "/dev/shm"})
    if (const int error = allow(rules, folder, all); error != 0) return error;
  return 0;
}

}  // namespace pkg::builder
