#include "venv/stage.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "venv/replace.h"

namespace pkg::venv {
namespace {

namespace stdfs = std::filesystem;

constexpr std::string_view kFresh = "new";

std::string start_of_names(const stdfs::path& folder) { return cat('.', folder.filename().native(), '-'); }

// A PID, a number and a random word, as fs::TempDir names folders: nobody calls his own folder so.
bool is_suffix(std::string_view text) {
  const auto pieces = split(text, '-');
  const auto is_all = [](std::string_view piece, const auto& is) {
    return !piece.empty() && std::ranges::all_of(piece, is);
  };
  return pieces.size() == 3 && is_all(pieces[0], is_ascii_digit) && is_all(pieces[1], is_ascii_digit) &&
         is_all(pieces[2], [](char c) { return is_ascii_digit(c) || (c >= 'a' && c <= 'z'); });
}

// The folder, locked; nothing when another process holds it, or has just deleted it.
fs::Fd locked(const stdfs::path& stage, bool or_without_locks) {
  fs::Fd fd(::open(stage.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd) return fd;
  const bool taken = ::flock(fd.get(), LOCK_EX | LOCK_NB) == 0 || (or_without_locks && errno != EWOULDBLOCK);
  return taken && leads_to(stage, fd.get()) ? std::move(fd) : fs::Fd();
}

bool is_own_stage(const stdfs::path& stage, int fd) {
  struct stat info {};
  if (::fstat(fd, &info) != 0 || info.st_uid != ::geteuid()) return false;
  const auto names = fs::list_dir(stage);
  return names && (names->empty() || (names->size() == 1 && names->front() == kFresh));
}

}  // namespace

Result<Stage> Stage::make(const stdfs::path& folder) {
  PKG_TRY(fs::make_dirs(folder.parent_path()));
  for (int tries = 0; tries < 100; ++tries) {
    PKG_TRY_ASSIGN(auto dir, fs::TempDir::create(folder.parent_path(), start_of_names(folder)));
    // Between the two steps another process may take it for abandoned.
    if (auto lock = locked(dir.path(), true)) return Stage(std::move(lock), std::move(dir));
  }
  return make_error(ErrorKind::busy, "other commands keep deleting the folder in which it is made");
}

stdfs::path Stage::fresh() const { return dir_.path() / kFresh; }

void delete_abandoned_stages(const stdfs::path& folder) {
  const auto names = fs::list_dir(folder.parent_path());
  if (!names) return;
  const std::string start = start_of_names(folder);
  for (const auto& name : *names) {
    if (!name.starts_with(start) || !is_suffix(std::string_view(name).substr(start.size()))) continue;
    const auto stage = folder.parent_path() / name;
    const auto lock = locked(stage, false);
    if (lock && is_own_stage(stage, lock.get())) (void)fs::remove_tree(stage);
  }
}

}  // namespace pkg::venv
