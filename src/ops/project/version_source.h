#pragma once
// Where a dynamic version comes from.

#include <string>

#include "base/toml.h"

namespace pkg::ops {

// For people: "`src/a/__init__.py` ([tool.hatch.version] path)". `root`: of a pyproject.toml that has the version in
// [project] dynamic. As far as its tables say so: only the build backend knows.
std::string source_of_version(const toml::Value& root);

}  // namespace pkg::ops
