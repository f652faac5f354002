#include "venv/interpreter/pyenv.h"

#include <unistd.h>

#include <algorithm>

#include "base/environment_variable.h"
#include "base/fs.h"
#include "base/limits.h"
#include "base/text.h"
#include "venv/interpreter/interpreter_request.h"

namespace pkg::venv {
namespace {

namespace stdfs = std::filesystem;

bool is_executable(const stdfs::path& path) { return ::access(path.c_str(), X_OK) == 0; }

// One version in a line; '#' begins a comment.
std::vector<std::string> versions_in(const stdfs::path& file) {
  std::vector<std::string> names;
  const auto text = fs::read_file_at_most(file, limits::kOneLine);
  if (!text) return names;
  for (const auto line : split_lines(*text)) {
    for (const auto word : split_words(line.substr(0, line.find('#')))) names.emplace_back(word);
  }
  return names;
}

// "pypy3.10-7.3.12" → {3, 10}; "3.12.1" → {3, 12, 1}
std::vector<int> numbers_of(std::string_view name) {
  std::size_t at = 0;
  while (at < name.size() && !is_ascii_digit(name[at])) ++at;
  return leading_version(name.substr(at));
}

}  // namespace

std::optional<Pyenv> Pyenv::find() {
  const char* root = environment_variable("PYENV_ROOT");
  const char* home = environment_variable("HOME");
  if (root == nullptr && home == nullptr) return std::nullopt;
  stdfs::path path = stdfs::path(root != nullptr ? root : cat(home, "/.pyenv")).lexically_normal();
  if (!path.has_filename()) path = path.parent_path();
  if (!fs::is_directory(path / "versions")) return std::nullopt;
  return Pyenv(std::move(path));
}

std::vector<PyenvVersion> Pyenv::versions() const {
  std::vector<PyenvVersion> found;
  const auto names = fs::list_dir(root_ / "versions");
  if (!names) return found;
  for (const auto& name : *names) found.push_back({name, root_ / "versions" / name / "bin/python"});
  std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) {
    const bool a_plain = is_ascii_digit(a.name[0]), b_plain = is_ascii_digit(b.name[0]);
    if (a_plain != b_plain) return a_plain;
    return numbers_of(a.name) > numbers_of(b.name);
  });
  return found;
}

std::vector<std::string> Pyenv::selected(const stdfs::path& folder) const {
  if (const char* names = environment_variable("PYENV_VERSION")) {
    std::vector<std::string> out;
    for (const auto name : split(names, ':')) out.emplace_back(name);
    return out;
  }
  for (stdfs::path place = folder; place.has_relative_path(); place = place.parent_path()) {
    if (auto names = versions_in(place / ".python-version"); !names.empty()) return names;
  }
  return versions_in(root_ / "version");
}

std::optional<stdfs::path> Pyenv::resolve(std::string_view program, const stdfs::path& folder) const {
  for (const auto& name : selected(folder)) {
    if (name.empty() || name.find('/') != std::string::npos) continue;
    if (const auto exact = root_ / "versions" / name / "bin" / program; is_executable(exact)) return exact;
    // "3.12" stands for the newest 3.12.x.
    const auto wanted = leading_version(name);
    if (wanted.empty() || wanted.size() > 2) continue;
    for (const auto& version : versions()) {
      const auto have = leading_version(version.name);
      if (have.size() < wanted.size() || !std::equal(wanted.begin(), wanted.end(), have.begin())) continue;
      if (const auto path = version.python.parent_path() / program; is_executable(path)) return path;
    }
  }
  return std::nullopt;
}

}  // namespace pkg::venv
