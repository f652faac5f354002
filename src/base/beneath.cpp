#include "base/beneath.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <functional>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>
#include <utility>

#include "base/text.h"

namespace pkg::fs {
namespace {

constexpr std::size_t kKeptFolders = 200;
constexpr int kPassedFolder = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

struct NameHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};

bool is_plain(std::string_view component) { return !component.empty() && component != "." && component != ".."; }

int open_by_component(int folder, std::string_view below, int flags, mode_t mode) {
  Fd here;
  while (true) {
    const auto slash = below.find('/');
    const std::string component(below.substr(0, slash));
    const bool is_last = slash == std::string_view::npos;
    if (!is_plain(component)) {
      errno = EXDEV;  // as the kernel calls a way out
      return -1;
    }
    const int how = (is_last ? flags : kPassedFolder) | O_NOFOLLOW | O_CLOEXEC;
    const int next = ::openat(here ? here.get() : folder, component.c_str(), how, mode);
    if (next < 0 || is_last) return next;
    here = Fd(next);
    below.remove_prefix(slash + 1);
  }
}

// A link on the way is ELOOP, at the end ENOTDIR.
Error cannot_enter(const Path& path, int error) {
  if (error != ELOOP && error != ENOTDIR) return errno_error("cannot enter", path, error);
  return make_error(ErrorKind::unsupported,
                    cat("cannot enter ", quote(path.native()), ": a link or a file is in the way"));
}

}  // namespace

int open_beneath(int folder, std::string_view below, int flags, mode_t mode, Lookup lookup) {
  static std::atomic<bool> has_openat2{true};  // a fact about the kernel
  if (below.empty()) return ::openat(folder, ".", flags | O_CLOEXEC);
  if (lookup == Lookup::by_component || !has_openat2.load(std::memory_order_relaxed))
    return open_by_component(folder, below, flags, mode);
  open_how how{};
  how.flags = static_cast<std::uint64_t>(flags | O_NOFOLLOW | O_CLOEXEC);
  how.mode = (flags & O_CREAT) != 0 ? mode : 0;  // the kernel insists
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  const std::string text(below);
  for (int attempt = 0;; ++attempt) {
    const auto fd = ::syscall(SYS_openat2, folder, text.c_str(), &how, sizeof how);
    if (fd >= 0) return static_cast<int>(fd);
    if ((errno == EAGAIN || errno == EINTR) && attempt < 100) continue;  // a rename somewhere raced with the look-up
    if (errno != ENOSYS && errno != EPERM) return -1;
    if (errno == ENOSYS) has_openat2.store(false, std::memory_order_relaxed);
    return open_by_component(folder, below, flags, mode);
  }
}

bool exists_at(int folder, const std::string& name) {
  struct stat info;
  return ::fstatat(folder, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0;
}

struct Beneath::State {
  std::string path;
  Fd root;
  Lookup lookup = Lookup::by_kernel;
  std::shared_mutex mutex;
  std::unordered_map<std::string, HeldFolder, NameHash, std::equal_to<>> kept;

  Path place(std::string_view below) const { return below.empty() ? Path(path) : Path(path) / below; }

  HeldFolder remembered(std::string_view below) {
    const std::shared_lock lock(mutex);
    const auto found = kept.find(below);
    return found != kept.end() ? found->second : nullptr;
  }

  HeldFolder remember(std::string_view below, Fd fd) {
    auto folder = std::make_shared<const Fd>(std::move(fd));
    const std::unique_lock lock(mutex);
    if (kept.size() >= kKeptFolders) kept.erase(kept.begin());
    return kept.try_emplace(std::string(below), std::move(folder)).first->second;
  }

  // A loop, not a recursion: depth may be an archive's choice.
  Status make_missing(std::string_view below) {
    HeldFolder above;
    for (auto slash = below.find('/');; slash = below.find('/', slash + 1)) {
      const auto part = below.substr(0, slash);
      const std::string name(part.substr(part.rfind('/') + 1));
      if (::mkdirat(above != nullptr ? above->get() : root.get(), name.c_str(), 0777) != 0 && errno != EEXIST)
        return errno_error("cannot create the folder", place(part), errno);
      if (slash == std::string_view::npos) return ok_status();
      above = remembered(part);
      if (above != nullptr) continue;
      Fd fd(open_beneath(root.get(), part, kPassedFolder, 0, lookup));
      if (!fd) return cannot_enter(place(part), errno);
      above = remember(part, std::move(fd));
    }
  }
};

Beneath::Beneath(std::unique_ptr<State> state) : state_(std::move(state)) {}
Beneath::Beneath(Beneath&&) noexcept = default;
Beneath& Beneath::operator=(Beneath&&) noexcept = default;
Beneath::~Beneath() = default;

Result<Beneath> Beneath::open(const Path& folder, Lookup lookup) {
  std::array<char, PATH_MAX> resolved;
  if (::realpath(folder.c_str(), resolved.data()) == nullptr) return errno_error("cannot enter", folder, errno);
  auto state = std::make_unique<State>();
  state->path = resolved.data();
  state->lookup = lookup;
  state->root = Fd(::open(resolved.data(), kPassedFolder));
  if (!state->root) return errno_error("cannot enter", folder, errno);
  return Beneath(std::move(state));
}

int Beneath::fd() const { return state_->root.get(); }
const std::string& Beneath::path() const { return state_->path; }

Result<Fd> Beneath::open_folder(std::string_view below) const {
  Fd fd(open_beneath(state_->root.get(), below, kPassedFolder, 0, state_->lookup));
  if (!fd) return cannot_enter(state_->place(below), errno);
  return fd;
}

Result<HeldFolder> Beneath::folder(std::string_view below) {
  if (auto known = state_->remembered(below)) return known;
  PKG_TRY_ASSIGN(auto fd, open_folder(below));
  return state_->remember(below, std::move(fd));
}

Result<HeldFolder> Beneath::made_folder(std::string_view below) {
  auto there = folder(below);
  if (there.ok() || there.error().kind != ErrorKind::not_found) return there;
  PKG_TRY(state_->make_missing(below));
  return folder(below);
}

void Beneath::forget() {
  const std::unique_lock lock(state_->mutex);
  state_->kept.clear();
}

}  // namespace pkg::fs
