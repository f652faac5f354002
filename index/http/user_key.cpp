#include "index/http/user_key.h"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace pkg::index {
namespace {

constexpr std::size_t kKeyBytes = 32;

std::string read_key(const fs::Path& path) {
  const fs::Fd file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat st {};
  if (!file || ::fstat(file.get(), &st) != 0 || !S_ISREG(st.st_mode) || st.st_uid != ::geteuid() || (st.st_mode & 077) != 0) return {};
  std::string key(kKeyBytes, '\0');
  const auto got = fs::read_at(file.get(), 0, key, path);
  return got && *got == kKeyBytes ? key : std::string();
}

std::string fresh_key() {
  std::string key(kKeyBytes, '\0');
  return ::getrandom(key.data(), key.size(), 0) == static_cast<ssize_t>(key.size()) ? key : std::string();
}

// Whole or not at all, and never in another's place.
bool write_key(const fs::Path& path, const std::string& key) {
  const fs::Path fresh(path.native() + "." + std::to_string(::getpid()));
  fs::Fd file(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) return false;
  const bool written = fs::write_all(file.get(), key, fresh) && file.close(fresh);
  const bool linked = written && (::link(fresh.c_str(), path.c_str()) == 0 || errno == EEXIST);
  ::unlink(fresh.c_str());
  return linked;
}

bool make_private(const fs::Path& folder) {
  if (!fs::make_dirs(folder.parent_path())) return false;
  return ::mkdir(folder.c_str(), 0700) == 0 || errno == EEXIST;
}

}  // namespace

std::string user_key(const fs::Path& folder) {
  if (folder.empty()) return {};
  const auto path = folder / "cache-key";
  struct stat st {};
  if (::lstat(path.c_str(), &st) == 0) return read_key(path);
  const auto key = fresh_key();
  if (key.empty() || !make_private(folder) || !write_key(path, key)) return {};
  return read_key(path);  // another process may have been first
}

}  // namespace pkg::index
