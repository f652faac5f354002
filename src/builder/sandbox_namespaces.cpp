#include "builder/sandbox_namespaces.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/fs.h"
#include "base/text.h"
#include "builder/privileges.h"
#include "builder/sandbox_landlock.h"
#include "builder/socket_filter.h"

namespace pkg::builder {
namespace {

namespace stdfs = std::filesystem;

// As the kernel has them: older C libraries lack some.
constexpr unsigned kOpenTreeClone = 1;
constexpr unsigned kRecursive = 0x8000;
constexpr unsigned kMoveEmptyPath = 4;
struct MountAttributes {
  std::uint64_t set, clear, propagation, user_namespace;
};
constexpr std::uint64_t kReadOnly = 1, kNoSetuid = 2, kNoDevices = 4;

// Folders that a build gets new and empty. Those that do not exist here, or are links to others of them, are left as
// they are.
constexpr std::array kOwnFolders = {"/tmp", "/var/tmp", "/run", "/var/run"};
constexpr std::array kDeviceNames = {"null", "zero", "full", "random", "urandom"};

int write_text(const char* path, std::string_view text) {
  const fs::Fd fd(::open(path, O_WRONLY | O_CLOEXEC));
  if (!fd) return errno;
  return ::write(fd.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) ? 0 : errno;
}

bool is_below(const stdfs::path& path, std::string_view folder) {
  return path.native().size() > folder.size() && path.native().starts_with(folder) &&
         path.native()[folder.size()] == '/';
}

bool is_own(const stdfs::path& path) {
  return std::any_of(kOwnFolders.begin(), kOwnFolders.end(),
                     [&](std::string_view folder) { return is_below(path, folder); });
}

// A mount of a folder or file that is not in the tree of mounts yet.
struct Clone {
  stdfs::path place;
  bool is_folder = true;
  fs::Fd mount;
  stdfs::path link;  // what it is a link to; there is no mount then
};

// 0 or errno.
int clone(const stdfs::path& place, Clone& into) {
  into.place = place;
  into.mount = fs::Fd(
      static_cast<int>(::syscall(SYS_open_tree, AT_FDCWD, place.c_str(), kOpenTreeClone | kRecursive | O_CLOEXEC)));
  struct stat info {};
  if (!into.mount || ::fstat(into.mount.get(), &info) != 0) return errno;
  into.is_folder = S_ISDIR(info.st_mode);
  return 0;
}

int restrict_mounts(int folder, const char* path, unsigned flags, std::uint64_t what) {
  MountAttributes attributes{what, 0, 0, 0};
  return ::syscall(SYS_mount_setattr, folder, path, flags | kRecursive, &attributes, sizeof attributes) == 0 ? 0
                                                                                                             : errno;
}

int put_in_place(const Clone& one) {
  if (!fs::make_dirs(one.place.parent_path())) return errno;
  if (!one.link.empty()) return ::symlink(one.link.c_str(), one.place.c_str()) == 0 || errno == EEXIST ? 0 : errno;
  if (one.is_folder) {
    if (!fs::make_dirs(one.place)) return errno;
  } else {
    const fs::Fd file(::open(one.place.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    if (!file && errno != EROFS) return errno;
  }
  return ::syscall(SYS_move_mount, one.mount.get(), "", AT_FDCWD, one.place.c_str(), kMoveEmptyPath) == 0 ? 0 : errno;
}

int mount_empty(const char* place, const char* mode) {
  if (::mount("tmpfs", place, "tmpfs", MS_NOSUID | MS_NODEV, mode) == 0) return 0;
  return errno;
}

class Mounts {
 public:
  explicit Mounts(const SandboxFolders& folders) : folders_(folders) {}

  int make(const char*& step) {
    step = "cannot make the mounts private for";
    if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return errno;
    for (const auto part :
         {&Mounts::clone_writable, &Mounts::clone_devices, &Mounts::restrict_all, &Mounts::clone_readable,
          &Mounts::make_own_folders, &Mounts::make_devices, &Mounts::place_all, &Mounts::make_proc})
      if (const int error = (this->*part)(step); error != 0) return error;
    return ::chdir("/") == 0 ? 0 : errno;
  }

 private:
  // Before everything becomes read-only.
  int clone_writable(const char*& step) {
    step = "cannot clone the mount of a writable folder for";
    for (const auto& folder : folders_.writable) {
      Clone one;
      if (const int error = clone(folder, one); error != 0) return error;
      if (const int error = restrict_mounts(one.mount.get(), "", AT_EMPTY_PATH, kNoSetuid | kNoDevices); error != 0)
        return error;
      writable_.push_back(std::move(one));
    }
    return 0;
  }

  int clone_devices(const char*& step) {
    step = "cannot clone a device for";
    for (const auto* name : kDeviceNames) {
      Clone one;
      if (clone(cat("/dev/", name), one) == 0) devices_.push_back(std::move(one));
    }
    return devices_.empty() ? ENODEV : 0;
  }

  int restrict_all(const char*& step) {
    step = "cannot make the file systems read-only for";
    return restrict_mounts(AT_FDCWD, "/", 0, kReadOnly | kNoSetuid | kNoDevices);
  }

  // What a build needs of the folders that it gets new and empty.
  int clone_readable(const char*&) {
    for (const auto& path : folders_.readable) {
      const bool is_there = std::any_of(readable_.begin(), readable_.end(), [&](const Clone& one) {
        return one.link.empty() && (one.place == path || is_below(path, one.place.native()));
      });
      if (!is_own(path) || is_there) continue;
      std::error_code failed;
      const auto real = stdfs::canonical(path, failed);
      Clone one;
      if (failed || (real == path && clone(path, one) != 0)) continue;
      one.place = path;
      if (real != path) one.link = real;
      readable_.push_back(std::move(one));
    }
    return 0;
  }

  int make_own_folders(const char*& step) {
    step = "cannot make an empty folder for";
    for (const auto* folder : kOwnFolders) {
      struct stat info {};
      if (::lstat(folder, &info) != 0 || !S_ISDIR(info.st_mode)) continue;
      if (const int error = mount_empty(folder, "mode=1777"); error != 0) return error;
    }
    return 0;
  }

  int make_devices(const char*& step) {
    step = "cannot make the devices of";
    if (const int error = mount_empty("/dev", "mode=755"); error != 0) return error;
    for (const auto& device : devices_)
      if (const int error = put_in_place(device); error != 0) return error;
    for (const auto& [name, target] : {std::pair("fd", "/proc/self/fd"), std::pair("stdin", "/proc/self/fd/0"),
                                       std::pair("stdout", "/proc/self/fd/1"), std::pair("stderr", "/proc/self/fd/2")})
      if (::symlink(target, cat("/dev/", name).c_str()) != 0) return errno;
    if (::mkdir("/dev/shm", 0755) != 0) return errno;
    if (::mount("none", "/dev", nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV, nullptr) != 0)
      return errno;
    return mount_empty("/dev/shm", "mode=1777");  // semaphores of processes are files there
  }

  int place_all(const char*& step) {
    for (const auto& one : readable_) {
      const bool is_writable = std::any_of(writable_.begin(), writable_.end(), [&](const Clone& other) {
        return one.place == other.place || is_below(one.place, other.place.native());
      });
      if (!is_writable) (void)put_in_place(one);  // what is not there a build will miss by name
    }
    step = "cannot put a writable folder in place for";
    for (const auto& one : writable_)
      if (const int error = put_in_place(one); error != 0) return error;
    return 0;
  }

  // Containers forbid it where parts of their own /proc are covered: that one stays, then, which shows other processes,
  // and is read-only.
  int make_proc(const char*&) {
    (void)::mount("proc", "/proc", "proc", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr);
    return 0;
  }

  const SandboxFolders& folders_;
  std::vector<Clone> writable_, readable_, devices_;
};

std::vector<stdfs::path> writable_places(const SandboxFolders& folders) {
  auto places = folders.writable;
  for (const auto* own : kOwnFolders) places.emplace_back(own);
  places.emplace_back("/dev/shm");
  return places;
}

}  // namespace

int NamespaceConfiner::enter_guard(const char*& step) {
  const auto user = ::geteuid();
  const auto group = ::getegid();
  step = "cannot make user, mount, network and process namespaces for";
  if (::unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWPID) != 0) return errno;
  step = "cannot map the user in the namespace of";
  (void)write_text("/proc/self/setgroups", "deny");
  if (const int error = write_text("/proc/self/uid_map", cat(user, ' ', user, " 1\n")); error != 0) return error;
  return write_text("/proc/self/gid_map", cat(group, ' ', group, " 1\n"));
}

int NamespaceConfiner::enter_first_process(const char*& step) {
  if (const int error = Mounts(folders_).make(step); error != 0) return error;
  if (const int error = drop_privileges(step); error != 0) return error;
  // The build may not look into it: it is not restricted as the build is.
  step = "cannot hide the first process of";
  return ::prctl(PR_SET_DUMPABLE, 0) == 0 ? 0 : errno;
}

int NamespaceConfiner::enter_command(const char*& step, int& listener) {
  if (const int error = forbid_writing(writable_places(folders_), step); error != 0) return error;
  step = "cannot filter the sockets of";
  return filter_sockets(Network::own, listener);
}

// Readable folders that were put into a writable one are mounts of their own.
void NamespaceConfiner::answer(int listener) {
  answer_connect(listener, Network::own, [this](int file) {
    struct statvfs info {};
    return ::fstatvfs(file, &info) == 0 && (info.f_flag & ST_RDONLY) == 0 &&
           is_file_in(file, writable_places(folders_));
  });
}

}  // namespace pkg::builder
