#include "builder/static_metadata.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "base/text.h"
#include "base/toml.h"
#include "builder/manifest_file.h"
#include "pep/metadata.h"
#include "pep/pyproject.h"

namespace pkg::builder {
namespace {

// A file that is absent or cannot be read says nothing: the backend is asked, and complains in its own words.
std::optional<std::string> text_of(const std::filesystem::path& path) {
  auto text = read_if_there(path);
  return text ? std::move(text).value() : std::nullopt;
}

bool is_any_of(std::string_view word, std::span<const std::string_view> list) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

// Metadata 2.2 made "not dynamic" a promise; older PKG-INFO may differ from the wheel's.
bool promises_its_fields(std::string_view metadata_version) {
  const auto dot = metadata_version.find('.');
  if (dot == std::string_view::npos) return false;
  const auto major = parse_u64(metadata_version.substr(0, dot));
  const auto minor = parse_u64(metadata_version.substr(dot + 1));
  return major == 2 && minor && *minor >= 2;
}

std::optional<std::string> static_pkg_info(const std::filesystem::path& tree) {
  static constexpr std::array<std::string_view, 5> kNeeded = {"name", "version", "requires-dist", "requires-python",
                                                              "provides-extra"};
  auto text = text_of(tree / "PKG-INFO");
  if (!text) return std::nullopt;
  const auto metadata = pep::Metadata::parse(*text);
  if (!metadata || !promises_its_fields(trim(metadata->metadata_version)) || !metadata->broken_requirements.empty())
    return std::nullopt;
  for (const pep::Name& field : metadata->dynamic)
    if (is_any_of(field.str(), kNeeded)) return std::nullopt;
  return text;
}

// A requirement of an extra, as Requires-Dist has it.
std::string with_extra(const pep::Requirement& requirement, const pep::Name& extra) {
  pep::Requirement bare = requirement;
  const std::string marker = bare.marker.is_trivial() ? std::string() : bare.marker.to_string();
  bare.marker = pep::Marker();
  std::string text = bare.to_string();
  // A URL reaches up to white space.
  append(text, bare.url.empty() ? "; " : " ; ");
  if (!marker.empty()) append(text, '(', marker, ") and ");
  append(text, "extra == \"", extra.str(), '"');
  return text;
}

std::string text_field(const toml::Value& root, std::string_view key) {
  const toml::Value* project = root.get("project");
  const toml::Value* value = project != nullptr ? project->get(key) : nullptr;
  const std::string* text = value != nullptr ? value->as_string() : nullptr;
  return text != nullptr ? *text : std::string();
}

bool is_one_line(std::string_view text) { return text.find_first_of("\r\n") == std::string_view::npos; }

std::string metadata_text(const pep::ProjectTable& project, const toml::Value& root) {
  std::string out =
      cat("Metadata-Version: 2.4\nName: ", text_field(root, "name"), "\nVersion: ", project.version, '\n');
  if (project.has_requires_python) append(out, "Requires-Python: ", text_field(root, "requires-python"), '\n');
  for (const auto& requirement : project.dependencies) append(out, "Requires-Dist: ", requirement.to_string(), '\n');
  for (const auto& [extra, requirements] : project.optional_dependencies) {
    append(out, "Provides-Extra: ", extra.str(), '\n');
    for (const auto& requirement : requirements) append(out, "Requires-Dist: ", with_extra(requirement, extra), '\n');
  }
  return out;
}

std::optional<std::string> static_project(const std::filesystem::path& tree) {
  static constexpr std::array<std::string_view, 5> kNeeded = {"name", "version", "dependencies",
                                                              "optional-dependencies", "requires-python"};
  const auto text = text_of(tree / "pyproject.toml");
  if (!text) return std::nullopt;
  const auto pyproject = pep::Pyproject::parse(*text, "pyproject.toml");
  if (!pyproject || !pyproject->project || pyproject->project->version.empty()) return std::nullopt;
  for (const std::string& field : pyproject->project->dynamic)
    if (is_any_of(field, kNeeded)) return std::nullopt;
  if (!is_one_line(pyproject->project->version) || !is_one_line(text_field(pyproject->root, "requires-python")))
    return std::nullopt;
  std::string out = metadata_text(*pyproject->project, pyproject->root);
  // What is no version is the backend's to judge.
  const auto back = pep::Metadata::parse(out);
  if (!back || !back->broken_requirements.empty()) return std::nullopt;
  return out;
}

std::optional<pep::Name> as_name(std::string_view text) {
  auto name = pep::Name::parse(trim(text));
  return name ? std::optional<pep::Name>(std::move(name).value()) : std::nullopt;
}

std::optional<pep::Name> name_in_pkg_info(const std::filesystem::path& tree) {
  const auto text = text_of(tree / "PKG-INFO");
  return text ? as_name(pep::Metadata::read_leniently(*text).name_text) : std::nullopt;
}

// [project], or what poetry had before it.
std::optional<pep::Name> name_in_pyproject(const std::filesystem::path& tree) {
  const auto text = text_of(tree / "pyproject.toml");
  if (!text) return std::nullopt;
  const auto root = toml::parse(*text, "pyproject.toml");
  if (!root) return std::nullopt;
  if (const std::string name = text_field(*root, "name"); !name.empty()) return as_name(name);
  const toml::Value* at = &*root;
  for (const auto* key : {"tool", "poetry", "name"})
    if (at = at->get(key); at == nullptr) return std::nullopt;
  return at->as_string() != nullptr ? as_name(*at->as_string()) : std::nullopt;
}

// setup.cfg is read by configparser: "name = x" or "name: x" below [metadata].
std::optional<pep::Name> name_in_setup_cfg(const std::filesystem::path& tree) {
  const auto text = text_of(tree / "setup.cfg");
  if (!text) return std::nullopt;
  bool in_metadata = false;
  for (const std::string_view line : split_lines(*text)) {
    if (line.starts_with('[')) in_metadata = trim(line) == "[metadata]";
    const auto mark = line.find_first_of("=:");
    if (!in_metadata || mark == std::string_view::npos || is_ascii_space(line.front())) continue;
    if (equals_ignoring_case(trim(line.substr(0, mark)), "name")) return as_name(line.substr(mark + 1));
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> static_metadata(const std::filesystem::path& tree, TreeKind kind) {
  if (kind == TreeKind::sdist) {
    if (auto text = static_pkg_info(tree)) return text;
  }
  return static_project(tree);
}

std::optional<pep::Name> static_name(const std::filesystem::path& tree) {
  if (auto name = name_in_pkg_info(tree)) return name;
  if (auto name = name_in_pyproject(tree)) return name;
  return name_in_setup_cfg(tree);
}

}  // namespace pkg::builder
