#pragma once
// The environment of a build: what the user set, without secrets and without what leads out of the build.
// docs/reference/builds.md#environment

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "builder/build_process.h"

namespace pkg::builder {

struct VariableRules {
  bool familiar_only = false;        // --no-build-variables: only compilers, tools, language and the like
  Variables given;                   // --build-variable: passes whatever its name, and wins over everything
  std::vector<std::string> secrets;  // passwords that pkg knows: no other variable may hold one of them
};

// Both read this process's environment.
//
// PATH has the build environment's `scripts` (may be empty) first. PYTHONNOUSERSITE and PYTHONDONTWRITEBYTECODE are
// set, VIRTUAL_ENV where `scripts` belong to one, and `jobs` (0: not) as MAKEFLAGS, CMAKE_BUILD_PARALLEL_LEVEL,
// CARGO_BUILD_JOBS and the like where the user set none. `extra`: of one package; wins over all but `rules.given`.
Variables build_variables(const std::filesystem::path& scripts, int jobs, const VariableRules& rules,
                          const Variables& extra);
// Names of this process's variables that build_variables() leaves out because they could hold a secret; sorted.
std::vector<std::string> variables_held_back(const VariableRules& rules);
// What is known to change the build of `project` (changes_what_is_built), by name, and all of `rules.given`.
Variables variables_that_matter(std::string_view project, const VariableRules& rules);
// The absolute folders in a value: "/a:/b" has two.
std::vector<std::filesystem::path> folders_in(std::string_view value);

}  // namespace pkg::builder
