#include "ops/project/version_source.h"

#include <initializer_list>
#include <string_view>

#include "base/text.h"

namespace pkg::ops {
namespace {

const toml::Value* at(const toml::Value& root, std::initializer_list<std::string_view> path) {
  const auto* value = &root;
  for (const auto key : path) value = value == nullptr ? nullptr : value->get(key);
  return value;
}

std::string text_at(const toml::Value& root, std::initializer_list<std::string_view> path) {
  const auto* value = at(root, path);
  return value == nullptr || value->as_string() == nullptr ? std::string() : *value->as_string();
}

constexpr std::string_view kTags = "the tags of version control";

std::string hatch_source(const toml::Value& root) {
  if (at(root, {"tool", "hatch", "version"}) == nullptr) return {};
  const auto source = text_at(root, {"tool", "hatch", "version", "source"});
  if (const auto path = text_at(root, {"tool", "hatch", "version", "path"}); !path.empty())
    return cat(quote(path), " ([tool.hatch.version] path)");
  if (source == "vcs") return cat(kTags, " ([tool.hatch.version] source)");
  return source.empty() ? std::string("[tool.hatch.version]") : cat(quote(source), " ([tool.hatch.version] source)");
}

std::string setuptools_source(const toml::Value& root) {
  if (const auto name = text_at(root, {"tool", "setuptools", "dynamic", "version", "attr"}); !name.empty())
    return cat("the attribute ", quote(name), " ([tool.setuptools.dynamic] version)");
  const auto* file = at(root, {"tool", "setuptools", "dynamic", "version", "file"});
  if (file != nullptr && file->as_array() != nullptr && !file->as_array()->empty()) file = &file->as_array()->front();
  if (file != nullptr && file->as_string() != nullptr)
    return cat(quote(*file->as_string()), " ([tool.setuptools.dynamic] version)");
  for (const std::string_view name : {"setuptools_scm", "setuptools-scm", "setuptools-git-versioning", "versioningit"})
    if (at(root, {"tool", name}) != nullptr) return cat(kTags, " ([tool.", name, "])");
  return {};
}

std::string pdm_source(const toml::Value& root) {
  const auto source = text_at(root, {"tool", "pdm", "version", "source"});
  if (source == "scm") return cat(kTags, " ([tool.pdm.version] source)");
  if (const auto path = text_at(root, {"tool", "pdm", "version", "path"}); !path.empty())
    return cat(quote(path), " ([tool.pdm.version] path)");
  if (const auto getter = text_at(root, {"tool", "pdm", "version", "getter"}); !getter.empty())
    return cat("the function ", quote(getter), " ([tool.pdm.version] getter)");
  return {};
}

std::string poetry_source(const toml::Value& root) {
  if (at(root, {"tool", "poetry-dynamic-versioning"}) != nullptr)
    return cat(kTags, " ([tool.poetry-dynamic-versioning])");
  const auto version = text_at(root, {"tool", "poetry", "version"});
  return version.empty() ? std::string() : cat(quote(version), " ([tool.poetry] version)");
}

// Where backends look that have no table for it.
std::string backend_source(const toml::Value& root) {
  const auto backend = text_at(root, {"build-system", "build-backend"});
  if (backend.empty()) return "its build backend, setuptools (there is no [build-system])";
  if (backend.starts_with("flit")) return cat("`__version__` of its module (", backend, ')');
  if (backend == "maturin") return "`Cargo.toml` (maturin)";
  if (backend == "mesonpy") return "`meson.build` (mesonpy)";
  return cat("its build backend, ", quote(backend));
}

}  // namespace

std::string source_of_version(const toml::Value& root) {
  for (const auto source : {hatch_source, setuptools_source, pdm_source, poetry_source})
    if (auto text = source(root); !text.empty()) return text;
  return backend_source(root);
}

}  // namespace pkg::ops
