#pragma once
// override-dependencies and exclude-dependencies: plain entries, and tables that are for what one parent asks for.
// docs/reference/project.md#overrides

#include <vector>

#include "base/result.h"
#include "base/toml.h"
#include "pep/name.h"
#include "pep/requirement.h"
#include "pep/toml_reader.h"
#include "resolver/problem.h"

namespace pkg::ops {

// Both add to `rules`. bad_data with file:line: no array, an entry that is neither text nor table, an unknown key, a
// parent that is more than a name with versions, or none, or no dependencies.
Status read_override_entries(const toml::Value& value, const pep::TomlReader& reader,
                             std::vector<pep::Requirement>& overrides, std::vector<resolver::ParentRule>& rules);
Status read_exclude_entries(const toml::Value& value, const pep::TomlReader& reader, std::vector<pep::Name>& excludes,
                            std::vector<resolver::ParentRule>& rules);

}  // namespace pkg::ops
