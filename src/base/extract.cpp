// Files are made relative to a descriptor of their folder (base/beneath.h), which is kept, so that the thousand files
// beside each other cost one look-up.
#include "base/extract.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/beneath.h"
#include "base/fs.h"
#include "base/text.h"

namespace pkg {
namespace {

constexpr std::size_t kLongestPath = 4096;
constexpr std::size_t kLongestComponent = 255;

std::string_view parent_of(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

std::string last_of(std::string_view path) { return std::string(path.substr(path.rfind('/') + 1)); }

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
    if (component.size() > kLongestComponent)
      return refused(path, cat("it has a component longer than ", kLongestComponent, " bytes"));
    if (slash == std::string_view::npos) return ok_status();
    rest.remove_prefix(slash + 1);
  }
}

struct Extractor::State {
  explicit State(fs::Beneath opened) : root(std::move(opened)) {}
  fs::Beneath root;

  fs::Path place(std::string_view path) const { return fs::Path(root.path()) / path; }

  // The folder that is to hold `path`, as a descriptor that stays open while `hold` lives.
  Result<int> parent_fd(std::string_view path, fs::HeldFolder& hold) {
    const auto parent = parent_of(path);
    if (parent.empty()) return root.fd();
    PKG_TRY_ASSIGN(hold, root.made_folder(parent));
    return hold->get();
  }
};

Extractor::Extractor(std::unique_ptr<State> state) : state_(std::move(state)) {}
Extractor::Extractor(Extractor&&) noexcept = default;
Extractor& Extractor::operator=(Extractor&&) noexcept = default;
Extractor::~Extractor() = default;

Result<Extractor> Extractor::open(const std::string& root) {
  PKG_TRY_ASSIGN(auto opened, fs::Beneath::open(root));
  return Extractor(std::make_unique<State>(std::move(opened)));
}

Status Extractor::make_dir(std::string_view path) {
  while (!path.empty() && path.back() == '/') path.remove_suffix(1);
  PKG_TRY(check_relative_path(path));
  PKG_TRY(state_->root.made_folder(path));
  return ok_status();
}

Status Extractor::write_file(std::string_view path, std::string_view content, int mode,
                             std::optional<std::int64_t> mtime) {
  PKG_TRY(check_relative_path(path));
  fs::HeldFolder hold;
  PKG_TRY_ASSIGN(const int parent, state_->parent_fd(path, hold));
  const int fd = ::openat(parent, last_of(path).c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                          static_cast<mode_t>(mode));
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
  fs::HeldFolder hold;
  PKG_TRY_ASSIGN(const int parent, state_->parent_fd(path, hold));
  if (target.empty() || target.find('\0') != std::string_view::npos)
    return refused(path, "its link target is empty or holds a NUL byte");
  if (::symlinkat(std::string(target).c_str(), parent, last_of(path).c_str()) != 0)
    return fs::errno_error("cannot create the link", state_->place(path), errno);
  return ok_status();
}

}  // namespace pkg
