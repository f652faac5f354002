#pragma once
// Requirements that stand in a pyproject.toml or a script, given with -r and --group. Errors: not_found (no such file,
// extra or group) · bad_data (malformed, or without the table or block that is asked for) · io.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "pep/requirement.h"
#include "pep/specifier.h"
#include "resolver/problem.h"

namespace pkg::ops {

// What a pyproject.toml asks for, and the project it is of, which is never one of what is asked for.
struct PyprojectRequirements {
  std::vector<pep::Requirement> requirements;
  std::optional<resolver::OwnProject> own;
  std::vector<std::string> unknown_keys = {};  // of its [project], as pep::ProjectTable
  pep::SpecifierSet pythons = {};              // of a group
};

// [project] dependencies of the file, with those of the extras (`all_extras`: of all). not_found: no such extra.
// nullopt: only the build backend knows what the project requires.
Result<std::optional<PyprojectRequirements>> pyproject_requirements(const std::string& file,
                                                                    const std::filesystem::path& working_folder,
                                                                    const std::vector<std::string>& extras,
                                                                    bool all_extras);
// The dependency group "NAME" of ./pyproject.toml, or "FILE:NAME". A group that asks for the project gets what that
// depends on.
Result<PyprojectRequirements> group_requirements(const std::string& group, const std::filesystem::path& working_folder);
// What a script's metadata block says (PEP 723).
struct ScriptRequirements {
  std::vector<std::string> words;  // under `dependencies`
  pep::SpecifierSet requires_python;
};
Result<ScriptRequirements> script_requirements(const std::string& file, const std::filesystem::path& working_folder);

}  // namespace pkg::ops
