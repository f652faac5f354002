// CPython finds its library by looking around its own program, so it starts wherever it lies. What does not move by
// itself is text that the build wrote down:
//
//   lib/pythonX.Y/_sysconfigdata_*.py   what sysconfig says: compilers, flags, folders. Extensions are built by it
//   lib/pythonX.Y/config-*/Makefile     the same, for distutils of old
//   lib/pkgconfig/*.pc                  for C programs that embed it
//   lib/pythonX.Y/build-details.json    PEP 739: it is what pkg itself, and others, ask instead of starting it
//   bin/pythonX.Y-config, bin/pip …     scripts with a prefix in their first lines
//
// They all have the prefix of the build (`prefix` in sysconfig's data, usually "/install"), and it is replaced where it
// stands as a path. A prefix such as /usr is not: it also stands for the system's own /usr.

#include "ops/pythons/python_relocate.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "base/fs.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/process.h"
#include "base/text.h"
#include "pep/launcher.h"
#include "venv/interpreter/managed_pythons.h"

namespace pkg::ops {
namespace {

namespace stdfs = std::filesystem;

constexpr std::string_view kManaged =
    "[externally-managed]\n"
    "Error=This Python belongs to pkg, which replaces it as a whole when it is upgraded.\n"
    " Packages belong into an environment:\n"
    "\n"
    "     pkg venv --python VERSION\n";

bool is_path_char(char c) { return is_ascii_alnum(c) || c == '_' || c == '.' || c == '-' || c == '+' || c == '@'; }

bool is_rewritable(std::string_view prefix) {
  return prefix.size() > 1 && prefix.front() == '/' && prefix != "/usr" && prefix != "/usr/local" && prefix != "/opt";
}

// The text between quotes behind 'KEY': in sysconfig's data; empty: it is not there.
std::string_view value_of(std::string_view data, std::string_view key) {
  const auto mark = cat("'", key, "': '");
  const auto at = data.find(mark);
  if (at == std::string_view::npos) return {};
  const auto rest = data.substr(at + mark.size());
  return rest.substr(0, rest.find_first_of("'\n"));
}

// The folder of the standard library, relative to the prefix.
std::string library_of(const stdfs::path& unpacked, const venv::PythonKey& key) {
  const auto language = key.language();
  std::vector<std::string> names{cat("lib/python", language, key.gil_disabled ? "t" : "")};
  if (key.implementation != "cpython") names.insert(names.begin(), cat("lib/", key.implementation, language));
  for (const auto& name : names)
    if (fs::exists(unpacked / name / "os.py")) return name;
  return {};
}

std::vector<stdfs::path> files_in(const stdfs::path& folder, std::string_view begins, std::string_view ends) {
  std::vector<stdfs::path> found;
  const auto names = fs::list_dir(folder);
  if (!names) return found;
  for (const auto& name : *names) {
    struct stat status {};
    if (name.starts_with(begins) && name.ends_with(ends) && ::lstat((folder / name).c_str(), &status) == 0 &&
        S_ISREG(status.st_mode))
      found.push_back(folder / name);
  }
  return found;
}

// Writes what `change` makes of a file, where it makes something else of it.
template <class Change>
Status edit(const stdfs::path& file, const Change& change) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) return ok_status();
  PKG_TRY_ASSIGN(const auto text, fs::read_file(file));
  const std::string changed = change(text);
  if (changed == text) return ok_status();
  return fs::publish(file, changed, fs::Durability::none, static_cast<int>(status.st_mode & 0777));
}

Status rewrite_library(const stdfs::path& library, const std::string& old_prefix, const stdfs::path& prefix) {
  const auto is_here = [](const std::string& word) {
    return word.starts_with('/') ? ::access(word.c_str(), X_OK) == 0 : process::find_program(word).has_value();
  };
  const auto moved = [&](const std::string& text) { return with_prefix(text, old_prefix, prefix.native()); };
  for (const auto& file : files_in(library, "_sysconfigdata_", ".py")) {
    PKG_TRY(edit(file, [&](const std::string& text) { return with_own_compilers(moved(text), is_here); }));
  }
  for (const auto& file : files_in(library / "__pycache__", "_sysconfigdata_", ".pyc")) PKG_TRY(fs::remove_tree(file));
  const auto names = fs::list_dir(library);
  if (!names) return ok_status();
  for (const auto& name : *names) {
    if (!name.starts_with("config-")) continue;
    PKG_TRY(edit(library / name / "Makefile", moved));
    PKG_TRY(edit(library / name / "python-config.py", moved));
  }
  return ok_status();
}

// base_prefix and the paths below it, which are absolute, or relative to the file's folder.
std::string moved_details(const std::string& text, const stdfs::path& prefix, const stdfs::path& program) {
  auto root = json::parse(text);
  if (!root || !root->is_object()) return text;
  const auto found = root->find("base_prefix");
  if (found == root->end() || !found->is_string()) return text;
  const auto old_prefix = found->get<std::string>();
  if (!old_prefix.starts_with('/')) return text;
  auto moved = is_rewritable(old_prefix) ? with_prefix(text, old_prefix, prefix.native()) : text;
  auto again = json::parse(moved);
  if (!again) return text;
  (*again)["base_prefix"] = prefix.native();
  (*again)["base_interpreter"] = (prefix / "bin" / program.filename()).native();
  return cat(json::dump(*again, 2), "\n");
}

// A script whose first line names a Python that is not there, or the one of the build.
std::string moved_script(const std::string& text, const std::string& old_prefix, const stdfs::path& prefix,
                         const stdfs::path& program) {
  if (!text.starts_with("#!")) return text;
  const auto end = text.find('\n');
  if (end == std::string::npos) return text;
  const auto words = split_words(std::string_view(text).substr(2, end - 2));
  if (words.empty()) return text;
  const stdfs::path named(words.front());
  const auto name = named.filename().native();
  const bool is_python = name.starts_with("python") || name.starts_with("pypy");
  const bool is_of_build = is_rewritable(old_prefix) && words.front().starts_with(old_prefix + "/");
  if (is_python && named.is_absolute() && (is_of_build || !fs::exists(named)))
    return cat(pep::shebang((prefix / "bin" / program.filename()).native()), text.substr(end + 1));
  // pythonX.Y-config: a shell script that has the prefix in it.
  return is_rewritable(old_prefix) ? with_prefix(text, old_prefix, prefix.native()) : text;
}

Status rewrite_scripts(const stdfs::path& unpacked, const std::string& old_prefix, const stdfs::path& prefix,
                       const stdfs::path& program) {
  for (const auto& file : files_in(unpacked / "bin", "", "")) {
    const auto fd = fs::open_regular(file);
    std::array<char, 2> head{};
    if (!fd || !fs::read_at(fd->get(), 0, head, file).ok() || head[0] != '#' || head[1] != '!') continue;
    PKG_TRY(edit(file, [&](const std::string& text) { return moved_script(text, old_prefix, prefix, program); }));
  }
  return ok_status();
}

Status add_link(const stdfs::path& folder, const std::string& name, const stdfs::path& program) {
  if (fs::exists(folder / name) || ::symlink(program.filename().c_str(), (folder / name).c_str()) == 0)
    return ok_status();
  return fs::errno_error("cannot make", folder / name, errno);
}

}  // namespace

std::string with_prefix(std::string_view text, std::string_view old_prefix, std::string_view new_prefix) {
  if (old_prefix.empty()) return std::string(text);
  std::string out;
  std::size_t done = 0;
  for (auto at = text.find(old_prefix); at != std::string_view::npos; at = text.find(old_prefix, at + 1)) {
    if (at < done) continue;
    const auto end = at + old_prefix.size();
    const bool begins = at == 0 || (!is_path_char(text[at - 1]) && text[at - 1] != '/');
    const bool ends = end == text.size() || text[end] == '/' || !is_path_char(text[end]);
    // "-I/install/include", "-L/install/lib": a flag in front of a path.
    const bool is_of_flag = at >= 2 && text[at - 2] == '-' && (text[at - 1] == 'I' || text[at - 1] == 'L');
    if (!ends || (!begins && !is_of_flag)) continue;
    append(out, text.substr(done, at - done), new_prefix);
    done = end;
  }
  append(out, text.substr(done));
  return out;
}

std::string with_own_compilers(std::string_view data, const std::function<bool(const std::string&)>& is_here) {
  static constexpr std::pair<std::string_view, std::string_view> kOwn[] = {
      {"CC", "cc"},        {"CXX", "c++"},   {"LDSHARED", "cc"}, {"LDCXXSHARED", "c++"},
      {"BLDSHARED", "cc"}, {"LINKCC", "cc"}, {"MAINCC", "cc"},   {"AR", "ar"}};
  std::string text(data);
  for (const auto& [key, own] : kOwn) {
    const auto value = value_of(text, key);
    const auto word = std::string(value.substr(0, value.find(' ')));
    if (word.empty() || is_here(word)) continue;
    text.replace(static_cast<std::size_t>(value.data() - text.data()), word.size(), own);
  }
  return text;
}

Status settle_python(const stdfs::path& unpacked, const stdfs::path& prefix, const venv::PythonKey& key) {
  const auto program = venv::program_in(unpacked, key);
  const auto library = library_of(unpacked, key);
  if (program.empty() || library.empty())
    return make_error(ErrorKind::bad_data, cat("the archive holds no ", key.implementation, " ", key.language()));
  std::string old_prefix;
  for (const auto& file : files_in(unpacked / library, "_sysconfigdata_", ".py"))
    if (const auto text = fs::read_file(file); text && old_prefix.empty()) old_prefix = value_of(*text, "prefix");
  if (!is_rewritable(old_prefix)) old_prefix.clear();
  PKG_TRY(rewrite_library(unpacked / library, old_prefix, prefix));
  for (const auto& file : files_in(unpacked / "lib/pkgconfig", "", ".pc"))
    PKG_TRY(edit(file, [&](const std::string& text) { return with_prefix(text, old_prefix, prefix.native()); }));
  PKG_TRY(edit(unpacked / library / "build-details.json",
               [&](const std::string& text) { return moved_details(text, prefix, program); }));
  PKG_TRY(rewrite_scripts(unpacked, old_prefix, prefix, program));
  PKG_TRY(add_link(unpacked / "bin", "python3", program));
  PKG_TRY(add_link(unpacked / "bin", "python", program));
  return fs::publish(unpacked / library / "EXTERNALLY-MANAGED", kManaged);
}

}  // namespace pkg::ops
