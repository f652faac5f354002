#pragma once
// Whether distributions that were chosen meet what a build asks for.

#include <optional>
#include <span>
#include <string>

#include "pep/requirement.h"
#include "pep/target.h"
#include "resolver/resolution.h"

namespace pkg::ops {

// The first requirement that counts on `target` and is not met: "`a>=2`, and the lock has a 1". nullopt: all are.
// `pins`: one file each; extras are those that were asked for, a folder has no version.
std::optional<std::string> unmet(std::span<const pep::Requirement> requirements, std::span<const resolver::Pin> pins,
                                 const pep::Target& target);

}  // namespace pkg::ops
