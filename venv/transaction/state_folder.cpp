#include "venv/transaction/state_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/hash.h"
#include "base/os.h"
#include "base/text.h"

namespace pkg::venv {
namespace {

constexpr const char* kName = ".pkg";
constexpr std::uint64_t kMaxBytes = 64u << 20;
constexpr int kFolderFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
constexpr int kReadFlags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;

Error refused(const std::string& shown, std::string_view what) {
  return make_error(ErrorKind::unsupported,
                    cat(quote(shown), " is ", what, ": pkg did not make it, and does not touch it"),
                    "look where it comes from and delete it, or recreate the environment with `pkg venv --clear`");
}

Status check_kind(const struct stat& info, const std::string& shown, StateKind kind) {
  if (S_ISLNK(info.st_mode)) return refused(shown, "a symbolic link");
  if (kind == StateKind::folder && !S_ISDIR(info.st_mode)) return refused(shown, "not a folder");
  if (kind == StateKind::file && !S_ISREG(info.st_mode)) return refused(shown, "not a regular file");
  return ok_status();
}

Result<std::string> read_all(int fd, std::uint64_t size, const std::string& shown) {
  if (size > kMaxBytes)
    return make_error(ErrorKind::bad_data, cat(quote(shown), " has ", size, " bytes, more than pkg ever writes there"));
  std::string content(size, '\0');
  PKG_TRY_ASSIGN(const auto got, fs::read_at(fd, 0, content, shown));
  content.resize(got);
  return content;
}

// `.pkg` of an environment by its path, for notes: the MAC says whose they are, so that its owner need not be asked
// for.
fs::Fd open_by_path(const Environment& environment) {
  return fs::Fd(::open(environment.state_dir().c_str(), kFolderFlags));
}

Status replace_file(int folder, const char* name, std::string_view content, const std::string& shown) {
  const std::string temporary = cat(name, ".tmp-", ::getpid(), '-', os::thread_id());
  fs::Fd out(::openat(folder, temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
  if (!out) return fs::errno_error("cannot create", shown, errno);
  Status done = fs::write_all(out.get(), content, shown);
  if (done.ok()) done = out.close(shown);
  if (done.ok() && ::renameat(folder, temporary.c_str(), folder, name) != 0)
    done = fs::errno_error("cannot write", shown, errno);
  if (!done.ok()) (void)::unlinkat(folder, temporary.c_str(), 0);
  return done;
}

}  // namespace

Result<std::optional<StateFolder>> StateFolder::find(const Ground& ground) {
  const std::string path = join_path(ground.boundary().prefix(), kName);
  StateFolder unopened(ground, fs::Fd(), path);
  auto fd = unopened.open_folder(ground.prefix(), kName, path);
  if (fd.ok()) return std::optional<StateFolder>(StateFolder(ground, *std::move(fd), path));
  if (fd.error().kind == ErrorKind::not_found) return std::optional<StateFolder>();
  return std::move(fd).error();
}

Result<StateFolder> StateFolder::make(const Ground& ground) {
  const mode_t mode =
      ground.kind() == EnvironmentKind::venv ? 0755 : 0777;  // others may share what is no virtual environment
  if (::mkdirat(ground.prefix(), kName, mode) != 0 && errno != EEXIST)
    return fs::errno_error("cannot make folder", join_path(ground.boundary().prefix(), kName), errno);
  PKG_TRY_ASSIGN(auto made, find(ground));
  if (!made) return fs::errno_error("cannot open folder", join_path(ground.boundary().prefix(), kName), ENOENT);
  return *std::move(made);
}

Status StateFolder::check_at(int folder, const std::string& name, const std::string& shown, StateKind kind) const {
  struct stat info;
  if (::fstatat(folder, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0)
    return errno == ENOENT ? ok_status() : Status(fs::errno_error("cannot look at", shown, errno));
  PKG_TRY(check_kind(info, shown, kind));
  if (!ground_->is_trusted_owner(info.st_uid)) return refused(shown, cat("of another user (", info.st_uid, ")"));
  return ok_status();
}

Result<fs::Fd> StateFolder::open_folder(int folder, const std::string& name, const std::string& shown) const {
  fs::Fd fd(::openat(folder, name.c_str(), kFolderFlags));
  const int error = errno;
  if (!fd) {
    PKG_TRY(check_at(folder, name, shown, StateKind::folder));
    return fs::errno_error("cannot open folder", shown, error);
  }
  struct stat info;
  if (::fstat(fd.get(), &info) != 0) return fs::errno_error("cannot look at", shown, errno);
  if (!ground_->is_trusted_owner(info.st_uid)) return refused(shown, cat("of another user (", info.st_uid, ")"));
  return fd;
}

Result<std::string> StateFolder::read(int folder, const std::string& name, const std::string& shown) const {
  const fs::Fd fd(::openat(folder, name.c_str(), kReadFlags));
  if (!fd) {
    const int error = errno;
    PKG_TRY(check_at(folder, name, shown, StateKind::file));
    return fs::errno_error("cannot open", shown, error);
  }
  struct stat info;
  if (::fstat(fd.get(), &info) != 0) return fs::errno_error("cannot look at", shown, errno);
  PKG_TRY(check_kind(info, shown, StateKind::file));
  if (!ground_->is_trusted_owner(info.st_uid)) return refused(shown, cat("of another user (", info.st_uid, ")"));
  return read_all(fd.get(), static_cast<std::uint64_t>(info.st_size), shown);
}

std::string sealed(std::string_view format, std::string_view text, const StateKey& key) {
  return cat(format, ' ', hash::to_hex(key.mac(format, text)), '\n', text);
}

std::optional<std::string_view> unsealed(std::string_view format, std::string_view bytes, const StateKey& key) {
  const std::size_t head = format.size() + 1 + 2 * kMacSize + 1;
  if (bytes.size() < head || !bytes.starts_with(format) || bytes[format.size()] != ' ' || bytes[head - 1] != '\n')
    return std::nullopt;
  const auto mac = hash::from_hex(bytes.substr(format.size() + 1, 2 * kMacSize));
  const auto text = bytes.substr(head);
  if (!mac || !key.is_mac(format, text, *mac)) return std::nullopt;
  return text;
}

std::optional<SealedNote> read_note(const Environment& environment, const char* name, std::string_view format,
                                    const StateKey& key) {
  const fs::Fd folder = open_by_path(environment);
  if (!folder) return std::nullopt;
  const fs::Fd fd(::openat(folder.get(), name, kReadFlags));
  struct stat info;
  if (!fd || ::fstat(fd.get(), &info) != 0 || !S_ISREG(info.st_mode)) return std::nullopt;
  const auto bytes = read_all(fd.get(), static_cast<std::uint64_t>(info.st_size), name);
  const auto text = bytes.ok() ? unsealed(format, *bytes, key) : std::nullopt;
  if (!text) return std::nullopt;
  return SealedNote{std::string(*text),
                    {static_cast<std::uint64_t>(info.st_dev), static_cast<std::uint64_t>(info.st_ino),
                     static_cast<std::uint64_t>(info.st_size),
                     static_cast<std::int64_t>(info.st_mtim.tv_sec) * 1'000'000'000 + info.st_mtim.tv_nsec}};
}

void write_note(const Environment& environment, const char* name, std::string_view format, std::string_view text,
                const StateKey& key) {
  if (!key.is_kept()) return;
  const auto ground = Ground::open(environment);
  if (!ground.ok()) return;
  const auto state = StateFolder::make(*ground);
  if (state.ok()) (void)replace_file(state->fd(), name, sealed(format, text, key), state->path(name));
}

void delete_note(const Environment& environment, const char* name) {
  if (const fs::Fd folder = open_by_path(environment)) (void)::unlinkat(folder.get(), name, 0);
}

}  // namespace pkg::venv
