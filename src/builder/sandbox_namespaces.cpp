// What it does not cover: sockets that a service makes while the build runs, and signals to processes of the same user (there is no process
// namespace: it needs a /proc of its own, which containers do not allow).
#include "builder/sandbox_namespaces.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>

#include "base/fs.h"
#include "base/limits.h"
#include "base/text.h"

namespace pkg::builder {
namespace {

constexpr std::size_t kMostSockets = 1000;
constexpr std::size_t kMostFolders = 32;

// As the kernel has them: older C libraries lack some.
constexpr unsigned kOpenTreeClone = 1;
constexpr unsigned kRecursive = 0x8000;
constexpr unsigned kMoveEmptyPath = 4;
struct MountAttributes {
  std::uint64_t set, clear, propagation, user_namespace;
};
constexpr std::uint64_t kReadOnly = 1, kNoSetuid = 2;

int write_text(const char* path, const char* text, std::size_t size) noexcept {
  const int fd = ::open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return errno;
  const int error = ::write(fd, text, size) == static_cast<ssize_t>(size) ? 0 : errno;
  ::close(fd);
  return error;
}

// The paths in /proc/net/unix: of this network namespace, the last word of a line.
std::vector<std::string> listening_sockets(const std::vector<std::filesystem::path>& except) {
  std::vector<std::string> out;
  const auto table = fs::read_file_at_most("/proc/net/unix", limits::kState);
  if (!table) return out;
  for (const auto line : split_lines(*table)) {
    const auto at = line.find(" /");
    if (at == std::string_view::npos || out.size() == kMostSockets) continue;
    std::string path(line.substr(at + 1));
    const bool is_ours =
        std::any_of(except.begin(), except.end(), [&](const auto& folder) { return path.starts_with(folder.native() + '/'); });
    if (!is_ours && std::find(out.begin(), out.end(), path) == out.end()) out.push_back(std::move(path));
  }
  return out;
}

// Root in its own user namespace could make mounts writable again.
int drop_capabilities(const char*& step) noexcept {
  step = "cannot drop the capabilities of";
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return errno;
  ::prctl(PR_SET_SECUREBITS, SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_CAP_AMBIENT_RAISE, 0, 0, 0);
  __user_cap_header_struct header{};
  header.version = _LINUX_CAPABILITY_VERSION_3;
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> none{};
  return ::syscall(SYS_capset, &header, none.data()) == 0 ? 0 : errno;
}

}  // namespace

NamespaceSandbox::NamespaceSandbox(const std::vector<std::filesystem::path>& writable)
    : uid_map_(cat(::geteuid(), ' ', ::geteuid(), " 1\n")),
      gid_map_(cat(::getegid(), ' ', ::getegid(), " 1\n")),
      writable_(writable),
      sockets_(listening_sockets(writable)) {}

int NamespaceSandbox::enter(const char*& step) const noexcept {
  if (const int error = enter_namespaces(step); error != 0) return error;
  if (const int error = mount_folders(step); error != 0) return error;
  return drop_capabilities(step);
}

int NamespaceSandbox::enter_namespaces(const char*& step) const noexcept {
  step = "cannot make user, mount and network namespaces for";
  if (::unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC) != 0) return errno;
  step = "cannot map the user in the namespace of";
  (void)write_text("/proc/self/setgroups", "deny", 4);
  if (const int error = write_text("/proc/self/uid_map", uid_map_.data(), uid_map_.size()); error != 0) return error;
  return write_text("/proc/self/gid_map", gid_map_.data(), gid_map_.size());
}

// The writable folders are cloned before everything becomes read-only, and put back in their places after.
int NamespaceSandbox::mount_folders(const char*& step) const noexcept {
  step = "cannot make the mounts private for";
  if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return errno;
  if (writable_.size() > kMostFolders) return E2BIG;
  std::array<int, kMostFolders> clones{};
  step = "cannot clone the mount of a writable folder for";
  for (std::size_t i = 0; i < writable_.size(); ++i) {
    clones[i] = static_cast<int>(::syscall(SYS_open_tree, AT_FDCWD, writable_[i].c_str(), kOpenTreeClone | kRecursive | O_CLOEXEC));
    if (clones[i] < 0) return errno;
  }
  step = "cannot make the file systems read-only for";
  MountAttributes attributes{kReadOnly | kNoSetuid, 0, 0, 0};
  if (::syscall(SYS_mount_setattr, AT_FDCWD, "/", kRecursive, &attributes, sizeof attributes) != 0) return errno;
  cover_sockets();
  // Semaphores of processes are files there; a system may have no such folder.
  (void)::mount("tmpfs", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777");
  step = "cannot put a writable folder in place for";
  for (std::size_t i = 0; i < writable_.size(); ++i) {
    if (::syscall(SYS_move_mount, clones[i], "", AT_FDCWD, writable_[i].c_str(), kMoveEmptyPath) != 0) return errno;
    ::close(clones[i]);
  }
  return 0;
}

// A read-only mount does not keep anybody from connecting to a service by its socket file.
void NamespaceSandbox::cover_sockets() const noexcept {
  for (const std::string& socket : sockets_) (void)::mount("/dev/null", socket.c_str(), nullptr, MS_BIND, nullptr);
}

}  // namespace pkg::builder
