#pragma once
// Memberships of which only some combinations are selected: `"a" in extras` and `"b" in extras` when a and b conflict.
// docs/internals/resolver.md#marker-algebra

#include <cstdint>
#include <span>
#include <vector>

#include "pep/marker.h"

namespace pkg::resolver {

// Members that conflicts bind together, directly or through others.
struct ChoiceGroup {
  std::vector<pep::MarkerAtom> members;                // sorted by text
  std::vector<std::vector<std::uint32_t>> selections;  // allowed sets of members but the empty one, those of one first
  bool is_whole = true;  // false: there are too many of them, and `selections` says nothing
};

// Of each set at most one member is selected. Members of no set, and sets of one, are in no group.
std::vector<ChoiceGroup> choice_groups(std::span<const std::vector<pep::MarkerAtom>> exclusive);

}  // namespace pkg::resolver
