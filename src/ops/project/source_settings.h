#pragma once
// [tool.pkg.sources] (docs/reference/project.md#sources). Errors: bad_data with file:line.

#include <map>
#include <vector>

#include "base/result.h"
#include "base/toml.h"
#include "ops/project/project.h"
#include "pep/toml_reader.h"

namespace pkg::ops {

Result<std::map<pep::Name, std::vector<Source>>> read_sources(const toml::Value& value, const pep::TomlReader& reader);

}  // namespace pkg::ops
