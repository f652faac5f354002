#pragma once
// The bounds of a requirement moved so that a newer version fits, in the style in which they are written: what
// `pkg upgrade --bump` does. docs/reference/project.md#bump

#include <optional>
#include <string>
#include <string_view>

#include "pep/requirement.h"
#include "pep/version.h"

namespace pkg::pep {

// Without what keeps newer versions away: pins and `~=` become lower bounds, upper bounds go. nullopt: nothing does, or
// moving it would lose something (a URL, a pin of a local version such as `==2.1+cpu`).
std::optional<Requirement> without_upper_bounds(const Requirement& requirement);

// `requirement` (as a person wrote it) with bounds that `version` fits; all other bytes stay. nullopt: it fits already,
// or cannot be made to: the version is older than a lower bound, is excluded by `!=`, or see above.
std::optional<std::string> with_moved_bounds(std::string_view requirement, const Version& version);

}  // namespace pkg::pep
