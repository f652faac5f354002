#include "venv/interpreter/python_version_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include "base/fs.h"
#include "base/limits.h"
#include "base/text.h"
#include "venv/interpreter/interpreter_request.h"
#include "venv/interpreter/pyenv.h"

namespace pkg::venv {
namespace {

namespace stdfs = std::filesystem;

constexpr const char* kName = ".python-version";
constexpr const char* kNoWish = "system";  // pyenv's word for "whatever is first in PATH"

bool may_be_anybodys(const stdfs::path& file) {
  struct stat own {
  }, around{};
  if (::stat(file.c_str(), &own) != 0 || own.st_uid == ::geteuid() || own.st_uid == 0) return false;
  return ::stat(file.parent_path().c_str(), &around) == 0 && (around.st_mode & S_IWOTH) != 0;
}

// The first word of the first line that is no comment.
std::string first_version(std::string_view text) {
  for (const auto line : split_lines(text)) {
    const auto words = split_words(line.substr(0, line.find('#')));
    if (!words.empty()) return std::string(words.front());
  }
  return {};
}

// pyenv's names for what find_interpreter() knows otherwise: "pypy3.10-7.3.12", and environments of pyenv-virtualenv.
// A path, or the name of any program, would be started to be asked: the file may have come with a checkout.
std::string as_request(const std::string& name) {
  if (name.find('/') != std::string::npos || name.starts_with('.')) return {};
  if (parse_request(name)) return name;
  const auto dash = name.find('-');
  if (dash != std::string::npos && dash > 0 && parse_request(name.substr(0, dash))) return name.substr(0, dash);
  if (const auto pyenv = Pyenv::find()) {
    const auto python = pyenv->root() / "versions" / name / "bin/python";
    if (::access(python.c_str(), X_OK) == 0) return python.native();
  }
  return {};
}

std::optional<PythonVersionFile> read_version_file(const stdfs::path& folder, bool is_users) {
  const auto file = folder / kName;
  const auto text = fs::read_file_at_most(file, limits::kOneLine);
  if (!text || may_be_anybodys(file)) return std::nullopt;
  auto name = first_version(*text);
  if (name.empty()) return std::nullopt;
  auto request = as_request(name);
  return PythonVersionFile{file, std::move(name), std::move(request), is_users};
}

}  // namespace

std::optional<PythonVersionFile> find_python_version_file(const stdfs::path& start, const stdfs::path& root,
                                                          const stdfs::path& user_folder) {
  for (stdfs::path folder = start;; folder = folder.parent_path()) {
    if (auto found = read_version_file(folder, false)) {
      if (found->says == kNoWish) return std::nullopt;
      return found;
    }
    if (folder == root || folder == folder.parent_path() || folder.empty()) break;
  }
  if (user_folder.empty()) return std::nullopt;
  auto users = read_version_file(user_folder, true);
  return users && users->says != kNoWish ? users : std::nullopt;
}

}  // namespace pkg::venv
