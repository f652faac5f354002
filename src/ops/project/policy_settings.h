#pragma once
// What [tool.pkg] says of which releases count: exclude-newer-package and prerelease-package.

#include <cstdint>

#include "base/result.h"
#include "ops/project/project.h"
#include "resolver/policy.h"

namespace pkg::ops {

// Puts both into `policy`; what the command line said of a package goes first. `now`: unix seconds, from which
// durations count. usage: a cut-off that is neither date nor duration.
Status apply_policy_settings(const ProjectSettings& settings, std::int64_t now, resolver::Policy& policy);

}  // namespace pkg::ops
