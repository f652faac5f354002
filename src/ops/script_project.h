#pragma once
// A script with a "# /// script" block (PEP 723) as a project: its dependencies, Python and [tool.pkg] settings.

#include <filesystem>

#include "base/result.h"
#include "ops/project.h"

namespace pkg::ops {

// One member without a name, in the script's folder. bad_data with the script's name: no block, or what it holds is of the wrong type.
Result<Project> open_script(const std::filesystem::path& script);
bool has_script_block(const std::filesystem::path& script);  // false too when it cannot be read

}  // namespace pkg::ops
