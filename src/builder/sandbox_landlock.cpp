#include "builder/sandbox_landlock.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>

#include "base/fs.h"
#include "base/text.h"
#include "builder/privileges.h"
#include "builder/socket_filter.h"

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
constexpr std::uint64_t kExecute = bit(0), kWriteFile = bit(1), kReadFile = bit(2), kReadFolder = bit(3);
constexpr std::uint64_t kRefer = bit(13), kTruncate = bit(14);
constexpr std::uint64_t kReading = kExecute | kReadFile | kReadFolder;
// write_file; remove_dir, remove_file and the seven make_…
constexpr std::uint64_t kWriting =
    kWriteFile | bit(4) | bit(5) | bit(6) | bit(7) | bit(8) | bit(9) | bit(10) | bit(11) | bit(12);
constexpr std::uint64_t kTcp = bit(0) | bit(1);     // bind, connect
constexpr std::uint64_t kScopes = bit(0) | bit(1);  // abstract sockets, signals

constexpr std::array kDevices = {"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"};

int landlock_version() { return static_cast<int>(::syscall(kCreateRuleset, nullptr, 0UL, kAskVersion)); }

std::uint64_t writing_of(int version) {
  return kWriting | (version >= 2 ? kRefer : 0) | (version >= 3 ? kTruncate : 0);
}

// Of what does not exist nothing is allowed, and that is no error.
int allow(int rules, const char* path, std::uint64_t rights) {
  const fs::Fd fd(::open(path, O_PATH | O_CLOEXEC));
  if (!fd) return errno == ENOENT || errno == EACCES ? 0 : errno;
  struct stat info {};
  constexpr auto kOfFiles = kExecute | kWriteFile | kReadFile | kTruncate;
  if (::fstat(fd.get(), &info) != 0) return errno;
  PathRule rule{};
  rule.allowed = S_ISDIR(info.st_mode) ? rights : rights & kOfFiles;
  rule.parent = fd.get();
  return ::syscall(kAddRule, rules, kPathBeneath, &rule, 0U) == 0 ? 0 : errno;
}

int restrict_self(int rules, const char*& step) {
  step = "cannot restrict by Landlock";
  return ::syscall(kRestrictSelf, rules, 0U) == 0 ? 0 : errno;
}

int allow_writing(int rules, std::uint64_t rights, std::uint64_t of_devices,
                  const std::vector<std::filesystem::path>& writable, const char*& step) {
  step = "cannot allow a writable folder for";
  for (const auto& folder : writable)
    if (const int error = allow(rules, folder.c_str(), rights); error != 0) return error;
  step = "cannot allow devices for";
  for (const char* device : kDevices)
    if (const int error = allow(rules, device, of_devices); error != 0) return error;
  return allow(rules, "/dev/shm", rights);
}

// Everything but /dev, whose terminals and disks are nobody's business.
int allow_reading(int rules, const char*& step) {
  step = "cannot allow reading for";
  const auto names = fs::list_dir("/");
  if (!names) return EACCES;
  for (const auto& name : *names)
    if (const int error = name == "dev" ? 0 : allow(rules, cat("/", name).c_str(), kReading); error != 0) return error;
  return allow(rules, "/", kReadFolder);
}

}  // namespace

Status check_landlock() {
  if (!has_socket_filter()) return make_error(ErrorKind::unsupported, "not on this machine's architecture");
  if (landlock_version() >= 1) return ok_status();
  return make_error(ErrorKind::unsupported, fs::errno_error("the kernel does not offer", "it", errno).message);
}

// The build may not look into the guard, which is not restricted.
int LandlockConfiner::enter_guard(const char*& step) {
  step = "cannot hide the guard of";
  return ::prctl(PR_SET_DUMPABLE, 0) == 0 ? 0 : errno;
}

int LandlockConfiner::enter_command(const char*& step, int& listener) {
  if (const int error = drop_privileges(step); error != 0) return error;
  step = "cannot make Landlock rules for";
  const int version = landlock_version();
  const auto writing = writing_of(version);
  const Ruleset handled{writing | kReading, version >= 4 ? kTcp : 0, version >= 6 ? kScopes : 0};
  const fs::Fd rules(static_cast<int>(::syscall(kCreateRuleset, &handled, sizeof handled, 0U)));
  if (!rules) return errno;
  if (const int error = allow_reading(rules.get(), step); error != 0) return error;
  const auto of_devices = kReadFile | (writing & (kWriteFile | kTruncate));
  if (const int error = allow_writing(rules.get(), writing | kReading, of_devices, folders_.writable, step); error != 0)
    return error;
  if (const int error = restrict_self(rules.get(), step); error != 0) return error;
  step = "cannot filter the sockets of";
  return filter_sockets(Network::none, listener);
}

void LandlockConfiner::answer(int listener) {
  answer_connect(listener, Network::none, [this](int file) { return is_file_in(file, folders_.writable); });
}

int forbid_writing(const std::vector<std::filesystem::path>& writable, const char*& step) {
  const int version = landlock_version();
  if (version < 1) return 0;
  step = "cannot make Landlock rules for";
  const auto writing = writing_of(version);
  const Ruleset handled{writing, 0, 0};
  const fs::Fd rules(static_cast<int>(::syscall(kCreateRuleset, &handled, sizeof handled.files, 0U)));
  if (!rules) return errno;
  const auto of_devices = writing & (kWriteFile | kTruncate);
  if (const int error = allow_writing(rules.get(), writing, of_devices, writable, step); error != 0) return error;
  return restrict_self(rules.get(), step);
}

bool is_file_in(int fd, const std::vector<std::filesystem::path>& folders) {
  std::error_code failed;
  const auto path = std::filesystem::read_symlink(cat("/proc/self/fd/", fd), failed).native();
  const auto is_in = [&](const auto& folder) { return path.starts_with(folder.native() + '/'); };
  return !failed && std::any_of(folders.begin(), folders.end(), is_in);
}

}  // namespace pkg::builder
