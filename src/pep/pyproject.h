#pragma once
// pyproject.toml: [build-system], [project], [dependency-groups] (PEP 518, 621, 735, 808).

#include <filesystem>
#include <map>
#include <optional>
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

// The Pythons that groups are for, where something says so. The standard has no place for it: tables of tools do.
using GroupPythons = std::map<Name, SpecifierSet>;

struct DependencyGroup {
  Name name;
  std::vector<Requirement> requirements;
  SpecifierSet pythons;  // its own and those of all groups that it includes
};
// One of [dependency-groups], include-group followed (PEP 735). Names in `pythons` that are no groups count for
// nothing, here and below. bad_data: circles, doubly named groups, what is no requirement · not_found.
Result<DependencyGroup> dependency_group(const Pyproject& pyproject, const std::string& name,
                                         const std::string& file_name, const GroupPythons& pythons = {});
// All of them, in the order of the file. Errors as above.
Result<std::vector<DependencyGroup>> all_dependency_groups(const Pyproject& pyproject, const std::string& file_name,
                                                           const GroupPythons& pythons = {});

}  // namespace pkg::pep
