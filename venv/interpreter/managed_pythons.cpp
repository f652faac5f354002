#include "venv/interpreter/managed_pythons.h"

#include <unistd.h>

#include <algorithm>
#include <string>
#include <system_error>
#include <utility>

#include "base/fs.h"
#include "base/text.h"

namespace pkg::venv {
namespace {

namespace stdfs = std::filesystem;

std::vector<std::string> program_names(const PythonKey& key) {
  const auto language = key.language();
  const std::string suffix = cat(key.gil_disabled ? "t" : "", key.debug ? "d" : "");
  std::vector<std::string> names{cat("python", language, suffix)};
  if (key.implementation != "cpython") names.insert(names.begin(), cat(key.implementation, language));
  for (const auto& name : {cat("python", language), std::string("python3"), cat(key.implementation, "3")})
    names.push_back(name);
  return names;
}

}  // namespace

stdfs::path managed_folder(const Getenv& environment) {
  if (const char* named = environment("PKG_PYTHON_DIR"); named != nullptr && *named != '\0') {
    stdfs::path folder = stdfs::path(named).lexically_normal();
    if (!folder.has_filename()) folder = folder.parent_path();
    return folder.is_absolute() ? folder : stdfs::path();
  }
  const auto data = user_data_folder(environment);
  return data.empty() ? data : data / "pkg/python";
}

stdfs::path program_in(const stdfs::path& prefix, const PythonKey& key) {
  for (const auto& name : program_names(key)) {
    auto path = prefix / "bin" / name;
    if (::access(path.c_str(), X_OK) == 0 && !fs::is_directory(path)) return path;
  }
  return {};
}

std::vector<ManagedPython> managed_pythons(const stdfs::path& root) {
  std::vector<ManagedPython> found;
  if (root.empty()) return found;
  const auto names = fs::list_dir(root);
  if (!names) return found;
  for (const auto& name : *names) {
    auto key = parse_python_key(name);
    if (!key) continue;
    auto folder = root / name;
    auto python = program_in(folder, *key);
    if (python.empty()) continue;
    std::error_code failed;
    const auto link = root / key->minor_name();
    const bool is_newest = stdfs::read_symlink(link, failed) == name && !failed;
    auto stable = is_newest ? link / "bin" / python.filename() : python;
    found.push_back({std::move(*key), std::move(folder), std::move(python), std::move(stable)});
  }
  std::ranges::stable_sort(found, [](const auto& a, const auto& b) { return is_older(b.key, a.key); });
  return found;
}

bool is_managed(const stdfs::path& real_path) {
  const auto root = managed_folder();
  if (root.empty()) return false;
  std::error_code failed;
  auto real_root = stdfs::canonical(root, failed);
  if (failed) return false;
  return real_path.native().starts_with(real_root.native() + "/");
}

}  // namespace pkg::venv
