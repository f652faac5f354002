#pragma once
// What a project says of a resolution beside its requirements, put into Inputs: [tool.pkg] counts for every verb that
// installs or resolves what a pyproject.toml or a script asks for.

#include <cstdint>

#include "base/result.h"
#include "ops/inputs/inputs.h"
#include "ops/project/project.h"

namespace pkg::ops {

// Constraints, overrides, exclusions, and which releases count. `now`: unix seconds. What the command line and its
// files said goes first. usage: a cut-off that is neither date nor duration.
Status add_project_rules(const ProjectSettings& settings, std::int64_t now, Inputs& inputs);

}  // namespace pkg::ops
