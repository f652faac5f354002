#pragma once
// [[dependency-metadata]] of a pyproject.toml or of pkg.toml. docs/reference/project.md#settings

#include <string>
#include <vector>

#include "base/result.h"
#include "base/toml.h"
#include "ops/session/dependency_metadata.h"
#include "pep/toml_reader.h"

namespace pkg::ops {

// The entries of the array, in order. `key`: what messages call it, "tool.pkg.dependency-metadata". bad_data with
// file:line.
Result<std::vector<DependencyMetadata>> read_dependency_metadata(const toml::Value& value, const std::string& key,
                                                                 const pep::TomlReader& reader);

}  // namespace pkg::ops
