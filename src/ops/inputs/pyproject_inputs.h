#pragma once
// Requirements that stand in a pyproject.toml or a script, given with -r and --group. Errors: not_found (no such file,
// extra or group) · bad_data (malformed, or without the table or block that is named) · io, and those of open_project
// and add_with_sources.

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "ops/project/project.h"
#include "pep/requirement.h"
#include "pep/specifier.h"
#include "resolver/problem.h"

namespace pkg::ops {

// What a pyproject.toml requires, with the sources of [tool.pkg] applied, and the project it belongs to, which is never
// one of what is required.
struct PyprojectRequirements {
  std::vector<pep::Requirement> requirements;
  std::optional<resolver::OwnProject> own;
  std::vector<std::string> unknown_keys = {};  // of its [project], as pep::ProjectTable
  pep::SpecifierSet pythons = {};              // of a group
  // Of its sources: versions that what they hold must have, URLs that are installed in place, which index a project
  // comes from.
  std::vector<pep::Requirement> constraints = {};
  std::set<std::string> editable_urls = {};
  std::set<std::string> relative_urls = {};  // that a source writes as a path
  std::vector<resolver::IndexRule> index_rules = {};
  // [tool.pkg] of the root of its workspace, else its own.
  struct Rules {
    std::filesystem::path root;
    ProjectSettings settings;
  };
  std::optional<Rules> rules = {};
};

// [project] dependencies of the file, with those of the extras (`all_extras`: of all). not_found: no such extra.
// nullopt: only the build backend knows what the project requires.
Result<std::optional<PyprojectRequirements>> pyproject_requirements(const std::string& file,
                                                                    const std::filesystem::path& working_folder,
                                                                    const std::vector<std::string>& extras,
                                                                    bool all_extras);
// The dependency group "NAME" of ./pyproject.toml, or "FILE:NAME". A group that names the project gets what that
// depends on.
Result<PyprojectRequirements> group_requirements(const std::string& group, const std::filesystem::path& working_folder);
// What a script's metadata block says (PEP 723).
struct ScriptRequirements {
  std::vector<std::string> words;  // under `dependencies`
  pep::SpecifierSet requires_python;
};
Result<ScriptRequirements> script_requirements(const std::string& file, const std::filesystem::path& working_folder);

}  // namespace pkg::ops
