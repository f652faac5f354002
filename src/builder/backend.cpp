#include "builder/backend.h"

#include <utility>

#include "base/fs.h"
#include "base/text.h"
#include "base/toml.h"
#include "builder/manifest_file.h"
#include "pep/pyproject.h"
#include "pep/toml_reader.h"

namespace pkg::builder {
namespace {

constexpr std::string_view kFallbackObject = "setuptools.build_meta:__legacy__";  // PEP 517, "Source trees"
constexpr std::string_view kFallbackRequirement = "setuptools>=40.8.0";           // the first one with that object

// The tree's manifest, and where its [build-system] keys are.
struct Table {
  const std::string& file;
  const toml::Value& table;

  Error wrong(std::string_view key, std::string message) const {
    const toml::Value* value = table.get(key);
    return pep::TomlReader(file).wrong(value != nullptr ? *value : table, std::move(message));
  }
};

bool is_identifier_path(std::string_view text) {
  for (const std::string_view part : split(text, '.')) {
    if (part.empty() || is_ascii_digit(part.front())) return false;
    for (const char c : part)
      if (!is_ascii_alnum(c) && c != '_' && static_cast<unsigned char>(c) < 0x80) return false;
  }
  return true;
}

// "module.path" or "module.path:object.path" (PEP 517, entry point syntax).
bool is_object_reference(std::string_view text) {
  const auto colon = text.find(':');
  if (!is_identifier_path(text.substr(0, colon))) return false;
  return colon == std::string_view::npos || is_identifier_path(text.substr(colon + 1));
}

// PEP 517: relative to the tree's root, and not outside of it, links followed.
bool stays_inside(const std::filesystem::path& tree, const std::string& folder) {
  const std::filesystem::path relative(folder);
  if (folder.empty() || folder.find('\0') != std::string::npos || relative.is_absolute()) return false;
  int depth = 0;
  for (const auto& part : relative) {
    if (part == "..")
      --depth;
    else if (part != "." && !part.empty())
      ++depth;
    if (depth < 0) return false;
  }
  std::error_code failed;
  const auto root = std::filesystem::canonical(tree, failed);
  if (failed) return false;
  const auto real = std::filesystem::weakly_canonical(root / relative, failed);
  if (failed) return false;
  const auto step = real.lexically_relative(root);
  return !step.empty() && *step.begin() != "..";
}

Status check_paths(const Table& table, const std::vector<std::string>& paths, const std::filesystem::path& tree) {
  for (const std::string& path : paths) {
    if (!stays_inside(tree, path)) {
      return table.wrong("backend-path", cat("`build-system.backend-path` has ", quote(path),
                                             ", which is no folder inside of the project"));
    }
  }
  return ok_status();
}

Result<Backend> fallback() {
  PKG_TRY_ASSIGN(auto setuptools, pep::Requirement::parse(kFallbackRequirement));
  setuptools.origin.what = "the setuptools fallback";
  Backend backend;
  backend.requires_.push_back(std::move(setuptools));
  backend.object = kFallbackObject;
  backend.is_fallback = true;
  return backend;
}

Result<Backend> named_backend(pep::BuildSystem system, const Table& table, const std::filesystem::path& tree) {
  Backend backend;
  backend.requires_ = std::move(system.requires_);
  if (table.table.get("build-backend") == nullptr) {
    if (!system.backend_path.empty())
      return table.wrong("backend-path",
                         "`build-system` has `backend-path` but no `build-backend` that would be there");
    backend.object = kFallbackObject;
    backend.is_fallback = true;
    return backend;
  }
  if (!is_object_reference(system.build_backend)) {
    return table.wrong("build-backend", cat("`build-system.build-backend` is ", quote(system.build_backend),
                                            ", expected a module, or a module and an object (`module:object`)"));
  }
  PKG_TRY(check_paths(table, system.backend_path, tree));
  backend.object = std::move(system.build_backend);
  backend.path = std::move(system.backend_path);
  return backend;
}

}  // namespace

Result<Backend> backend_of(const std::filesystem::path& tree) {
  const auto manifest_path = tree / "pyproject.toml";
  PKG_TRY_ASSIGN(const auto text, read_if_there(manifest_path));
  if (!text) {
    if (fs::exists(tree / "setup.py")) return fallback();
    return make_error(ErrorKind::not_found,
                      cat(quote(tree.native()), " is no Python project: it has neither pyproject.toml nor setup.py"));
  }
  PKG_TRY_ASSIGN(const auto root, toml::parse(*text, manifest_path.native()));
  PKG_TRY_ASSIGN(auto system, pep::build_system_of(root, manifest_path.native()));
  if (!system) return fallback();
  return named_backend(*std::move(system), Table{manifest_path.native(), *root.get("build-system")}, tree);
}

}  // namespace pkg::builder
