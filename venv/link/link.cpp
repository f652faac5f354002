#include "venv/link/link.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>

#include "base/copy_bytes.h"
#include "base/fs.h"
#include "base/fs_refusal.h"
#include "base/text.h"
#include "venv/path_boundary.h"

namespace pkg::venv {
namespace {

bool cannot_link(int error) { return error == EXDEV || error == EACCES || fs::is_refusal(error); }

}  // namespace

Status Linker::place(int from, std::string_view from_path, int to, std::string_view to_path,
                     const pep::ManifestFile& file) {
  PKG_TRY_ASSIGN(const auto state, look_at_source(from, from_path, file, rules_));
  const LinkMode mode = mode_.load(std::memory_order_relaxed);
  if (state == SourceState::doubtful || (state == SourceState::other_mode && mode == LinkMode::hardlink)) {
    PKG_TRY_ASSIGN(const bool renewed, renew_source(from, from_path, file, rules_));
    if (!renewed) {
      PKG_TRY(copy(from, from_path, to, to_path, file, false));
      return check_bytes(to, to_path, file);
    }
  }
  if (mode == LinkMode::hardlink) {
    if (::linkat(from, file.name.c_str(), to, file.name.c_str(), 0) == 0) return ok_status();
    const int error = errno;
    if (error != EMLINK && !cannot_link(error))
      return fs::errno_error("cannot create", join_path(to_path, file.name), error);
    PKG_TRY(copy(from, from_path, to, to_path, file, false));
    if (error != EMLINK) mode_.store(LinkMode::copy, std::memory_order_relaxed);
    return ok_status();
  }
  return copy(from, from_path, to, to_path, file, mode == LinkMode::clone);
}

Status Linker::copy(int from, std::string_view from_path, int to, std::string_view to_path,
                    const pep::ManifestFile& file, bool clone) {
  const std::string target = join_path(to_path, file.name);
  const fs::Fd in(::openat(from, file.name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!in) return fs::errno_error("cannot open", join_path(from_path, file.name), errno);
  fs::Fd out(::openat(to, file.name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, file.executable ? 0777 : 0666));
  if (!out) return fs::errno_error("cannot create", target, errno);
  if (clone) {
    if (::ioctl(out.get(), FICLONE, in.get()) == 0) return out.close(target);
    if (errno == ENOSPC || errno == EIO || errno == EDQUOT) return fs::errno_error("cannot write", target, errno);
    mode_.store(LinkMode::copy, std::memory_order_relaxed);
  }
  PKG_TRY(fs::copy_bytes(in.get(), out.get(), target));
  return out.close(target);
}

Status Linker::share(int from, const std::string& name, int to, std::string_view to_path, const std::string& to_name) {
  const std::string target = join_path(to_path, to_name);
  if (::linkat(from, name.c_str(), to, to_name.c_str(), 0) == 0) return ok_status();
  if (errno != EMLINK && !cannot_link(errno)) return fs::errno_error("cannot create", target, errno);
  const fs::Fd in(::openat(from, name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  struct stat info;
  if (!in || ::fstat(in.get(), &info) != 0) return fs::errno_error("cannot read what becomes", target, errno);
  const mode_t mode = (info.st_mode & 0100) != 0 ? 0777 : 0666;
  fs::Fd out(::openat(to, to_name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  if (!out) return fs::errno_error("cannot create", target, errno);
  PKG_TRY(fs::copy_bytes(in.get(), out.get(), target));
  return out.close(target);
}

}  // namespace pkg::venv
