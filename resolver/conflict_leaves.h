#pragma once
// The facts at the bottom of a failed derivation, sorted by what they say.

#include <set>
#include <span>
#include <utility>
#include <vector>

#include "resolver/provider.h"
#include "resolver/pubgrub/solver.h"

namespace pkg::resolver {

struct ConflictLeaves {
  std::set<const Project*> projects;           // all that occur
  std::vector<const pep::Requirement*> asked;  // requirements of the root
  std::vector<std::pair<const pubgrub::Term*, const Note*>> unusable;
  std::vector<std::pair<const pubgrub::Term*, const Note*>> unmatched;  // dependencies that no known version meets
};

ConflictLeaves conflict_leaves(const Provider& provider, const pubgrub::Solver& solver,
                               std::span<const pubgrub::IncompatibilityId> leaves);

// The platform of a required environment that a release has no wheel for, rather than those that it has wheels for.
bool names_lacking_platform(const Provider& provider, const Reason& reason);

}  // namespace pkg::resolver
