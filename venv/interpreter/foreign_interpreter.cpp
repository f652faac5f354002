#include "venv/interpreter/foreign_interpreter.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/environment_variable.h"
#include "base/fs.h"
#include "base/limits.h"
#include "base/text.h"
#include "venv/interpreter/pyenv.h"
#include "venv/path_boundary.h"

namespace pkg::venv {
namespace {

namespace stdfs = std::filesystem;

bool is_this_user(uid_t owner) {
  const uid_t user = ::geteuid();
  if (owner == user || owner == 0) return true;
  const char* caller = user == 0 ? environment_variable("SUDO_UID") : nullptr;
  return caller != nullptr && parse_u64(caller) == owner;
}

bool is_foreign(const stdfs::path& path) { return foreign_owner(path).has_value(); }

stdfs::path real_path_of(const stdfs::path& path) {
  std::error_code failed;
  auto real = stdfs::canonical(path, failed);
  return failed ? stdfs::path() : real;
}

// A folder above `path` that everybody may write to: /tmp, and what is like it.
bool is_in_public_folder(const stdfs::path& path) {
  for (auto folder = path.parent_path(); folder.has_relative_path(); folder = folder.parent_path()) {
    struct stat info {};
    if (::stat(folder.c_str(), &info) == 0 && (info.st_mode & S_IWOTH) != 0) return true;
  }
  return false;
}

// One of the interpreters of `home`, or the one that pyvenv.cfg names by its path.
bool is_where_cfg_says(const InterpreterOrigin& origin) {
  const stdfs::path home = origin.cfg.home, named = origin.cfg.executable;
  if (!home.is_absolute()) return false;
  if (named.is_absolute() && real_path_of(named) == origin.base) return true;
  if (real_path_of(home) == origin.base.parent_path()) return true;
  // Homebrew's and others' folders of programs hold links that lead elsewhere.
  for (const auto& name : {origin.base.filename().native(), std::string("python3"), std::string("python"),
                           std::string("pypy3"), std::string("graalpy")}) {
    if (real_path_of(home / name) == origin.base) return true;
  }
  return false;
}

bool is_home_or_above(const stdfs::path& folder) {
  if (!folder.has_relative_path()) return true;
  const char* home = environment_variable("HOME");
  if (home == nullptr) return false;
  const auto real = real_path_of(home);
  return real == folder || is_below(real.native(), folder.native());
}

bool is_at_or_below(const stdfs::path& path, const stdfs::path& folder) {
  return path == folder || is_below(path.native(), folder.native());
}

// A folder of the machine's own, which nobody unpacks a checkout as: /opt, /app, /usr/local …
bool is_machines_own(const stdfs::path& folder) {
  return folder.parent_path() == "/" || is_at_or_below(folder, "/usr");
}

// pyenv is a repository itself, with the environments of pyenv-virtualenv beside the interpreters they were made from.
bool is_in_pyenv(const stdfs::path& folder) {
  const auto pyenv = Pyenv::find();
  const auto root = pyenv ? real_path_of(pyenv->root()) : stdfs::path();
  return !root.empty() && is_at_or_below(folder, root);
}

bool is_checkout(const stdfs::path& folder) {
  for (const char* mark : {".git", ".hg", ".svn"})
    if (fs::exists(folder / mark)) return true;
  return false;
}

// What the environment came with, when it came with anything: the checkout around it, else the folder it is in. Empty:
// none that could be.
stdfs::path surroundings(const stdfs::path& prefix) {
  const auto around = real_path_of(prefix.parent_path());
  if (around.empty() || is_home_or_above(around) || is_in_pyenv(around)) return {};
  for (auto folder = around; !is_home_or_above(folder); folder = folder.parent_path())
    if (is_checkout(folder)) return folder;
  return is_machines_own(around) ? stdfs::path() : around;
}

}  // namespace

std::optional<unsigned> foreign_owner(const stdfs::path& path) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0 || is_this_user(info.st_uid)) return std::nullopt;
  return info.st_uid;
}

std::optional<std::string> why_foreign(const stdfs::path& prefix, const InterpreterOrigin& origin) {
  if (const auto around = surroundings(prefix); !around.empty() && is_below(origin.base.native(), around.native()))
    return cat("lies in ", quote(around.native()), " like the environment itself");
  if (is_foreign(origin.base)) {
    if (is_foreign(prefix / ".") || is_foreign(prefix / "pyvenv.cfg") || is_foreign(prefix / "bin/python"))
      return "belongs to another user, like the environment itself";
    if (is_in_public_folder(origin.base)) return "belongs to another user and lies where everybody may write";
  }
  if (is_where_cfg_says(origin)) return std::nullopt;
  if (!fs::exists(origin.cfg.home))
    return cat("is not the one of `pyvenv.cfg`: its home ", quote(origin.cfg.home), " is not on this machine");
  return cat("is not in the home ", quote(origin.cfg.home), " that `pyvenv.cfg` names");
}

bool is_same_program(const stdfs::path& one, const stdfs::path& other) {
  const auto a = fs::file_key(one), b = fs::file_key(other);
  if (!a || !b || a->size != b->size) return false;
  if (a->device == b->device && a->inode == b->inode) return true;
  const auto first = fs::read_file_at_most(one, limits::kProgram),
             second = fs::read_file_at_most(other, limits::kProgram);
  return first && second && *first == *second;
}

}  // namespace pkg::venv
