// Files are made relative to a descriptor of their folder. A folder is found or made through the kernel's promise that the way to it
// stays below the root and follows no link (openat2); its descriptor is kept, so that the thousand files beside each other cost one
// look-up. Kernels without openat2 (before 5.6, or a sandbox that hides it) get one openat with O_NOFOLLOW for each component.
#include "base/extract.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>

#include "base/fs.h"
#include "base/text.h"

namespace pkg {
namespace {

constexpr std::size_t kLongestPath = 4096;
constexpr std::size_t kLongestComponent = 255;
constexpr std::size_t kKeptFolders = 200;
constexpr int kFolderFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

// A folder somebody may be writing into: closed when the last user and the table let go of it.
using Folder = std::shared_ptr<fs::Fd>;

struct NameHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};

std::string_view parent_of(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

std::string last_of(std::string_view path) { return std::string(path.substr(path.rfind('/') + 1)); }

int open_step_by_step(int root, std::string_view path) {
  fs::Fd here;
  for (const std::string_view component : split(path, '/')) {
    const int next = ::openat(here ? here.get() : root, std::string(component).c_str(), kFolderFlags);
    if (next < 0) return -1;
    here = fs::Fd(next);
  }
  return here ? ::fcntl(here.get(), F_DUPFD_CLOEXEC, 0) : -1;
}

int open_beneath(int root, std::string_view path) {
  static std::atomic<bool> has_openat2{true};  // a fact about the kernel
  if (!has_openat2.load(std::memory_order_relaxed)) return open_step_by_step(root, path);
  open_how how{};
  how.flags = static_cast<std::uint64_t>(kFolderFlags);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  const std::string text(path);
  for (int attempt = 0;; ++attempt) {
    const auto fd = ::syscall(SYS_openat2, root, text.c_str(), &how, sizeof how);
    if (fd >= 0) return static_cast<int>(fd);
    if ((errno == EAGAIN || errno == EINTR) && attempt < 100) continue;  // a rename somewhere raced with the look-up
    if (errno != ENOSYS && errno != EPERM) return -1;
    if (errno == ENOSYS) has_openat2.store(false, std::memory_order_relaxed);
    return open_step_by_step(root, path);
  }
}

// 0, or errno. Paths for messages are put together by the caller, only when something went wrong.
int write_whole(int fd, std::string_view content) {
  while (!content.empty()) {
    const ssize_t put = ::write(fd, content.data(), content.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return errno;
    content.remove_prefix(static_cast<std::size_t>(put));
  }
  return 0;
}

Error refused(std::string_view path, std::string_view why) {
  return make_error(ErrorKind::bad_data, cat("the name ", quote(path.substr(0, 200)), " is refused: ", why));
}

}  // namespace

Status check_relative_path(std::string_view path) {
  if (path.empty()) return refused(path, "it is empty");
  if (path.size() > kLongestPath) return refused(path, cat("it is longer than ", kLongestPath, " bytes"));
  if (path[0] == '/') return refused(path, "it is absolute");
  if (path.find('\0') != std::string_view::npos) return refused(path, "it holds a NUL byte");
  for (std::string_view rest = path;;) {
    const auto slash = rest.find('/');
    const auto component = rest.substr(0, slash);
    if (component.empty()) return refused(path, "it has an empty component");
    if (component == "." || component == "..") return refused(path, cat("it has a component ", quote(component)));
    if (component.size() > kLongestComponent) return refused(path, cat("it has a component longer than ", kLongestComponent, " bytes"));
    if (slash == std::string_view::npos) return ok_status();
    rest.remove_prefix(slash + 1);
  }
}

struct Extractor::State {
  std::string root_path;
  fs::Fd root;
  std::shared_mutex mutex;
  std::unordered_map<std::string, Folder, NameHash, std::equal_to<>> kept;

  fs::Path place(std::string_view path) const { return fs::Path(root_path) / path; }

  Folder remembered(std::string_view path) {
    const std::shared_lock lock(mutex);
    const auto found = kept.find(path);
    return found != kept.end() ? found->second : nullptr;
  }

  Folder remember(std::string_view path, int fd) {
    auto folder = std::make_shared<fs::Fd>(fd);
    const std::unique_lock lock(mutex);
    if (kept.size() >= kKeptFolders) kept.erase(kept.begin());
    return kept.try_emplace(std::string(path), std::move(folder)).first->second;
  }

  // Makes what is missing on the way down, beginning at the innermost folder that is there.
  Result<Folder> folder(std::string_view path) {
    if (auto known = remembered(path)) return known;
    int fd = open_beneath(root.get(), path);
    if (fd < 0 && errno == ENOENT) {
      PKG_TRY(make_missing(path));
      fd = open_beneath(root.get(), path);
    }
    if (fd < 0) return fs::errno_error("cannot enter", place(path), errno);
    return remember(path, fd);
  }

  // A loop, not a recursion: depth is the archive's choice.
  Status make_missing(std::string_view path) {
    Folder above;
    for (auto slash = path.find('/');; slash = path.find('/', slash + 1)) {
      const auto part = path.substr(0, slash);
      const int parent = above != nullptr ? above->get() : root.get();
      if (::mkdirat(parent, last_of(part).c_str(), 0777) != 0 && errno != EEXIST)
        return fs::errno_error("cannot create the folder", place(part), errno);
      if (slash == std::string_view::npos) return ok_status();
      above = remembered(part);
      if (above != nullptr) continue;
      const int fd = open_beneath(root.get(), part);
      if (fd < 0) return fs::errno_error("cannot enter", place(part), errno);
      above = remember(part, fd);
    }
  }

  // The folder that is to hold `path`, as a descriptor that stays open while `hold` lives.
  Result<int> parent_fd(std::string_view path, Folder& hold) {
    const auto parent = parent_of(path);
    if (parent.empty()) return root.get();
    PKG_TRY_ASSIGN(hold, folder(parent));
    return hold->get();
  }
};

Extractor::Extractor(std::unique_ptr<State> state) : state_(std::move(state)) {}
Extractor::Extractor(Extractor&&) noexcept = default;
Extractor& Extractor::operator=(Extractor&&) noexcept = default;
Extractor::~Extractor() = default;

Result<Extractor> Extractor::open(const std::string& root) {
  auto state = std::make_unique<State>();
  state->root_path = root;
  PKG_TRY_ASSIGN(state->root, fs::open_directory(root));
  return Extractor(std::move(state));
}

Status Extractor::make_dir(std::string_view path) {
  while (!path.empty() && path.back() == '/') path.remove_suffix(1);
  PKG_TRY(check_relative_path(path));
  PKG_TRY(state_->folder(path));
  return ok_status();
}

Status Extractor::write_file(std::string_view path, std::string_view content, int mode, std::optional<std::int64_t> mtime) {
  PKG_TRY(check_relative_path(path));
  Folder hold;
  PKG_TRY_ASSIGN(const int parent, state_->parent_fd(path, hold));
  const int fd = ::openat(parent, last_of(path).c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, static_cast<mode_t>(mode));
  if (fd < 0) return fs::errno_error("cannot create", state_->place(path), errno);
  const int write_error = write_whole(fd, content);
  if (mtime) {
    const struct timespec times[2] = {{0, UTIME_OMIT}, {static_cast<time_t>(*mtime), 0}};
    (void)::futimens(fd, times);  // a file system that has no such times does without
  }
  const int close_error = ::close(fd) != 0 && errno != EINTR ? errno : 0;
  if (write_error != 0 || close_error != 0)
    return fs::errno_error("cannot write", state_->place(path), write_error != 0 ? write_error : close_error);
  return ok_status();
}

Status Extractor::write_symlink(std::string_view path, std::string_view target) {
  PKG_TRY(check_relative_path(path));
  Folder hold;
  PKG_TRY_ASSIGN(const int parent, state_->parent_fd(path, hold));
  if (target.empty() || target.find('\0') != std::string_view::npos) return refused(path, "its link target is empty or holds a NUL byte");
  if (::symlinkat(std::string(target).c_str(), parent, last_of(path).c_str()) != 0)
    return fs::errno_error("cannot create the link", state_->place(path), errno);
  return ok_status();
}

}  // namespace pkg
