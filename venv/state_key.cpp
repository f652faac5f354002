#include "venv/state_key.h"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <mutex>
#include <utility>

#include "base/fs.h"
#include "base/mac.h"
#include "base/result.h"
#include "base/text.h"

namespace pkg::venv {
namespace {

constexpr std::size_t kKeySize = 32;
constexpr int kTries = 3;  // others may make the key at the same time

std::string random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  std::size_t filled = 0;
  while (filled < count) {
    const ssize_t got = ::getrandom(bytes.data() + filled, count - filled, 0);
    if (got > 0) filled += static_cast<std::size_t>(got);
    if (got < 0 && errno != EINTR) return {};
  }
  return bytes;
}

Error refused(const std::filesystem::path& path, std::string_view what) {
  return make_error(ErrorKind::unsupported, cat(quote(path.native()), ' ', what));
}

// The folder is made where the one above it is the user's, or root's: root leaves nothing in a user's home.
Status make_own_folder(const std::filesystem::path& folder) {
  std::filesystem::path above = folder;
  while (!fs::exists(above) && above.has_relative_path()) above = above.parent_path();
  struct stat info;
  if (::stat(above.c_str(), &info) != 0) return fs::errno_error("cannot look at", above, errno);
  if (info.st_uid != ::geteuid() && info.st_uid != 0) return refused(above, "belongs to another user");
  PKG_TRY(fs::make_dirs(folder.parent_path()));
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return fs::errno_error("cannot make folder", folder, errno);
  return ok_status();
}

Result<fs::Fd> open_own_folder(const std::filesystem::path& folder) {
  fs::Fd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd && errno == ENOENT) {
    PKG_TRY(make_own_folder(folder));
    fd = fs::Fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }
  struct stat info;
  if (!fd || ::fstat(fd.get(), &info) != 0) return fs::errno_error("cannot open folder", folder, errno);
  if (info.st_uid != ::geteuid()) return refused(folder, "belongs to another user");
  if ((info.st_mode & 0022) != 0) return refused(folder, "can be written to by others");
  return fd;
}

// not_found: there is none.
Result<std::string> read_key(int folder, const std::filesystem::path& path) {
  const fs::Fd fd(::openat(folder, kStateKeyName, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!fd && errno == ELOOP) return refused(path, "is a symbolic link");
  struct stat info;
  if (!fd || ::fstat(fd.get(), &info) != 0) return fs::errno_error("cannot open", path, errno);
  if (!S_ISREG(info.st_mode)) return refused(path, "is not a regular file");
  if (info.st_uid != ::geteuid()) return refused(path, "belongs to another user");
  if ((info.st_mode & 0077) != 0) return refused(path, "can be read by others");
  std::array<char, kKeySize + 1> buffer;
  PKG_TRY_ASSIGN(const auto size, fs::read_at(fd.get(), 0, buffer, path));
  if (size != kKeySize) return refused(path, cat("does not hold ", kKeySize, " bytes"));
  return std::string(buffer.data(), size);
}

// Whole, or not at all: it is linked to its name when it is written.
Status write_key(int folder, const std::filesystem::path& path) {
  const std::string bytes = random_bytes(kKeySize);
  if (bytes.size() != kKeySize) return make_error(ErrorKind::io, "the system gives no random bytes");
  const std::string temporary = cat(kStateKeyName, ".tmp-", ::getpid(), '-', ::gettid());
  fs::Fd out(::openat(folder, temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!out) return fs::errno_error("cannot create", path.parent_path() / temporary, errno);
  Status done = fs::write_all(out.get(), bytes, path);
  if (done.ok() && ::fsync(out.get()) != 0) done = fs::errno_error("cannot write", path, errno);
  if (done.ok()) done = out.close(path);
  if (done.ok() && ::linkat(folder, temporary.c_str(), folder, kStateKeyName, 0) != 0) {
    const bool no_links = errno == EPERM || errno == EOPNOTSUPP || errno == ENOSYS;
    if (!no_links && errno != EEXIST) done = fs::errno_error("cannot create", path, errno);
    if (no_links && ::renameat2(folder, temporary.c_str(), folder, kStateKeyName, RENAME_NOREPLACE) != 0 && errno != EEXIST)
      done = fs::errno_error("cannot create", path, errno);
  }
  (void)::unlinkat(folder, temporary.c_str(), 0);
  return done;
}

Result<std::string> key_of(const std::filesystem::path& folder) {
  const auto path = folder / kStateKeyName;
  PKG_TRY_ASSIGN(const auto at, open_own_folder(folder));
  for (int attempt = 0;; ++attempt) {
    auto bytes = read_key(at.get(), path);
    if (bytes.ok() || bytes.error().kind != ErrorKind::not_found || attempt == kTries) return bytes;
    PKG_TRY(write_key(at.get(), path));
  }
}

}  // namespace

struct StateKey::State {
  std::filesystem::path state_dir, cache_dir;
  std::once_flag once;
  std::string bytes, problem;

  void load() {
    for (const auto& folder : {state_dir, cache_dir}) {
      if (folder.empty()) continue;
      auto found = key_of(folder);
      if (found.ok()) {
        problem.clear();
        bytes = *std::move(found);
        return;
      }
      if (problem.empty()) problem = std::move(found).error().message;
    }
    if (problem.empty()) problem = "there is no folder for it";
    bytes = random_bytes(kKeySize);
  }
};

StateKey::StateKey(std::filesystem::path state_dir, std::filesystem::path cache_dir) : state_(std::make_unique<State>()) {
  state_->state_dir = std::move(state_dir);
  state_->cache_dir = std::move(cache_dir);
}
StateKey::StateKey(StateKey&&) noexcept = default;
StateKey::~StateKey() = default;

const StateKey::State& StateKey::loaded() const {
  std::call_once(state_->once, [this] { state_->load(); });
  return *state_;
}

const std::string& StateKey::problem() const { return loaded().problem; }

std::string StateKey::mac(std::string_view what, std::string_view bytes) const { return hmac_sha256(loaded().bytes, cat(what, '\0', bytes)); }

bool StateKey::is_mac(std::string_view what, std::string_view bytes, std::string_view mac) const {
  return loaded().bytes.size() == kKeySize && equal_secrets(this->mac(what, bytes), mac);
}

}  // namespace pkg::venv
