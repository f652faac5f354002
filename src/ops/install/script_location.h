#pragma once
// pip's warning about scripts that a shell will not find.

#include <span>
#include <string>
#include <vector>

#include "ops/install/install.h"
#include "venv/environment.h"

namespace pkg::ops {

// After a change of an interpreter's own or its user's packages: one line for all scripts of what was installed, when
// the folder they are in is neither on PATH nor the interpreter's own. Environments, --target and --prefix say nothing:
// their scripts are not meant for PATH.
void add_script_warnings(const venv::Environment& environment, std::span<const ChangedDist> changes,
                         std::vector<std::string>& warnings);

}  // namespace pkg::ops
