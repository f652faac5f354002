#include "venv/link/source.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>

#include "base/copy_bytes.h"
#include "base/fs.h"
#include "base/hash.h"
#include "base/os.h"
#include "base/text.h"
#include "base/umask.h"
#include "venv/path_boundary.h"

namespace pkg::venv {
namespace {

constexpr std::int64_t kSecond_ns = 1'000'000'000;
constexpr mode_t kWrittenByOthers = 022;

Error edited(std::string_view folder, const pep::ManifestFile& file) {
  return make_error(ErrorKind::hash_mismatch,
                    cat("the cached file ", quote(join_path(folder, file.name)), " was changed since it was unpacked"),
                    "the cache entry is unusable; it has to be unpacked again");
}

Result<std::string> hash_of(int fd, const std::string& path) {
  hash::Hasher hasher(hash::Algorithm::sha256);
  std::array<char, 64 * 1024> buffer;
  while (true) {
    const ssize_t got = ::read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fs::errno_error("cannot read", path, errno);
    if (got == 0) return hasher.finish();
    hasher.update(std::string_view(buffer.data(), static_cast<std::size_t>(got)));
  }
}

Result<struct stat> stat_source(int at, std::string_view folder, const pep::ManifestFile& file) {
  struct stat info;
  if (::fstatat(at, file.name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) return edited(folder, file);
    return fs::errno_error("cannot look at", join_path(folder, file.name), errno);
  }
  if (!S_ISREG(info.st_mode) || static_cast<std::uint64_t>(info.st_size) != file.size) return edited(folder, file);
  return info;
}

bool has_its_mtime(const struct stat& info, const pep::ManifestFile& file) {
  return static_cast<std::int64_t>(info.st_mtim.tv_sec) * kSecond_ns + info.st_mtim.tv_nsec == file.mtime_ns;
}

Status check_hash(int at, std::string_view folder, const pep::ManifestFile& file, const std::string& name) {
  const std::string path = join_path(folder, name);
  const fs::Fd fd(::openat(at, name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!fd) return fs::errno_error("cannot open", path, errno);
  PKG_TRY_ASSIGN(const auto found, hash_of(fd.get(), path));
  return found == file.sha256 ? ok_status() : Status(edited(folder, file));
}

// A file beside the one it will replace; deleted unless it did.
class FreshCopy {
 public:
  FreshCopy(int at, const pep::ManifestFile& file)
      : at_(at), file_(file), name_(cat(".", file.name.substr(0, 100), ".tmp-", ::getpid(), '-', os::thread_id())) {}
  ~FreshCopy() {
    if (is_made_) (void)::unlinkat(at_, name_.c_str(), 0);
  }
  FreshCopy(const FreshCopy&) = delete;
  FreshCopy& operator=(const FreshCopy&) = delete;

  // False: the folder cannot be written.
  Result<bool> write(std::string_view folder, mode_t mode) {
    const std::string path = join_path(folder, file_.name);
    const fs::Fd in = open_source();
    if (!in)
      return errno == EACCES || errno == ENOENT ? edited(folder, file_) : fs::errno_error("cannot open", path, errno);
    fs::Fd out(::openat(at_, name_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!out && (errno == EACCES || errno == EROFS || errno == EPERM)) return false;
    if (!out) return fs::errno_error("cannot create", path, errno);
    is_made_ = true;
    PKG_TRY(fs::copy_bytes(in.get(), out.get(), path));
    (void)::fchmod(out.get(), mode);
    const struct timespec times[2] = {{0, UTIME_OMIT}, {file_.mtime_ns / kSecond_ns, file_.mtime_ns % kSecond_ns}};
    (void)::futimens(out.get(), times);
    PKG_TRY(out.close(path));
    return true;
  }

  const std::string& name() const { return name_; }

  Status publish(std::string_view folder) {
    if (::renameat(at_, name_.c_str(), at_, file_.name.c_str()) != 0)
      return fs::errno_error("cannot write", join_path(folder, file_.name), errno);
    is_made_ = false;
    return ok_status();
  }

 private:
  // One of our own that was closed to ourselves can be opened again.
  fs::Fd open_source() const {
    constexpr int kFlags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
    fs::Fd in(::openat(at_, file_.name.c_str(), kFlags));
    if (!in && errno == EACCES && ::fchmodat(at_, file_.name.c_str(), 0600, 0) == 0)
      in = fs::Fd(::openat(at_, file_.name.c_str(), kFlags));
    return in;
  }

  int at_;
  const pep::ManifestFile& file_;
  std::string name_;
  bool is_made_ = false;
};

bool is_as_written(const struct stat& info, const pep::ManifestFile& file, const SourceRules& rules) {
  return rules.is_ours(info) && (info.st_mode & 07777) == rules.mode_of(file);
}

bool is_written_by_us_alone(const struct stat& info, const SourceRules& rules) {
  return rules.is_ours(info) && (info.st_mode & kWrittenByOthers) == 0;
}

}  // namespace

SourceRules SourceRules::of_process() { return {::geteuid(), process_umask()}; }

Status check_bytes(int at, std::string_view folder, const pep::ManifestFile& file) {
  return check_hash(at, folder, file, file.name);
}

Result<SourceState> look_at_source(int at, std::string_view folder, const pep::ManifestFile& file,
                                   const SourceRules& rules) {
  PKG_TRY_ASSIGN(const auto info, stat_source(at, folder, file));
  if (!is_written_by_us_alone(info, rules) || (info.st_mode & S_IRUSR) == 0) return SourceState::doubtful;
  if (!has_its_mtime(info, file)) PKG_TRY(check_bytes(at, folder, file));
  return is_as_written(info, file, rules) ? SourceState::good : SourceState::other_mode;
}

Result<bool> renew_source(int at, std::string_view folder, const pep::ManifestFile& file, const SourceRules& rules) {
  FreshCopy fresh(at, file);
  PKG_TRY_ASSIGN(const bool written, fresh.write(folder, rules.mode_of(file)));
  if (!written) return false;
  // The copy is looked at: nobody but us can change that.
  PKG_TRY(check_hash(at, folder, file, fresh.name()));
  struct stat info;
  if (::fstatat(at, fresh.name().c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0 || !is_as_written(info, file, rules))
    return false;
  PKG_TRY(fresh.publish(folder));
  return true;
}

Status check_source(int at, std::string_view folder, const pep::ManifestFile& file, const SourceRules& rules) {
  PKG_TRY_ASSIGN(const auto info, stat_source(at, folder, file));
  if (is_written_by_us_alone(info, rules))
    return has_its_mtime(info, file) ? ok_status() : check_bytes(at, folder, file);
  PKG_TRY_ASSIGN(const bool renewed, renew_source(at, folder, file, rules));
  return renewed ? ok_status() : Status(edited(folder, file));
}

}  // namespace pkg::venv
