#pragma once
// pyproject.toml: [build-system], [project], [dependency-groups] (PEP 518, 621, 735, 808).

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/toml.h"
#include "pep/name.h"
#include "pep/requirement.h"
#include "pep/specifier.h"

namespace pkg::pep {

struct BuildSystem {
  std::vector<Requirement> requires_;
  std::string build_backend;  // empty: the setuptools fallback
  std::vector<std::string> backend_path;
};

struct ProjectTable {
  Name name;
  std::string version;  // empty when dynamic
  SpecifierSet requires_python;
  bool has_requires_python = false;
  std::vector<Requirement> dependencies;  // origin: file:line of each
  std::vector<std::pair<Name, std::vector<Requirement>>> optional_dependencies;
  std::vector<std::string> dynamic;
  std::vector<std::string> unknown_keys;  // of the table: a sentence for each, with file:line and the nearest known key
};

struct Pyproject {
  toml::Value root;  // everything, [tool.…] included
  std::optional<BuildSystem> build_system;
  std::optional<ProjectTable> project;
  // bad_data with file, line and key.
  static Result<Pyproject> parse(std::string_view text, const std::string& file_name);
};

// [build-system] alone, whatever the other tables hold; nullopt when there is none. `root`: of a pyproject.toml.
// bad_data with file, line and key.
Result<std::optional<BuildSystem>> build_system_of(const toml::Value& root, const std::string& file_name);

// The requirements of [dependency-groups] `groups`, include-group followed; cycles, unknown and doubly named groups are
// errors (PEP 735).
Result<std::vector<Requirement>> dependency_groups(const Pyproject& pyproject, std::span<const std::string> groups,
                                                   const std::string& file_name);

struct DependencyGroup {
  Name name;
  std::vector<Requirement> requirements;
};
// All of them, in the order of the file. Errors as above: bad_data, not_found.
Result<std::vector<DependencyGroup>> all_dependency_groups(const Pyproject& pyproject, const std::string& file_name);

}  // namespace pkg::pep
