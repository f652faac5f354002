#pragma once
// Markers of a lock for a chosen set of extras and dependency groups: what is left to ask of the environment.

#include <optional>
#include <vector>

#include "lock/lock_file.h"

namespace pkg::lock {

// What is chosen of a lock.
struct ChosenParts {
  std::vector<pep::Name> extras, groups;
  std::vector<pep::Name> own_extras = {};  // for which `extra == "x"` holds
};

// The marker with `extras`, `dependency_groups` and `extra` decided. nullopt: it never holds.
std::optional<pep::Marker> decide_parts(const pep::Marker& marker, const ChosenParts& parts);

}  // namespace pkg::lock
