#pragma once
// [tool.pkg] required-environments: markers, platform tags and "common" as environments a lock must have files for
// (platform tags spec).

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "resolver/problem.h"

namespace pkg::ops {

// "common" gives several. bad_data for what is neither a marker nor a platform tag of Linux, macOS or Windows.
Result<std::vector<resolver::RequiredEnvironment>> required_environments(std::string_view text);

}  // namespace pkg::ops
