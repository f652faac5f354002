#pragma once
// The first line of a failure, and the smallest change that would help.

#include <span>
#include <string>

#include "resolver/provider.h"
#include "resolver/pubgrub/solver.h"

namespace pkg::resolver {

// `leaves`: the facts at the bottom of the derivation.
std::string headline(const Provider& provider, const pubgrub::Solver& solver,
                     std::span<const pubgrub::IncompatibilityId> leaves);
std::string hint(const Provider& provider, const pubgrub::Solver& solver,
                 std::span<const pubgrub::IncompatibilityId> leaves);

// See advice.h; empty for a single target.
pep::SpecifierSet narrower_python(const Provider& provider, const pubgrub::Solver& solver,
                                  std::span<const pubgrub::IncompatibilityId> leaves);

}  // namespace pkg::resolver
