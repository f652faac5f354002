#pragma once
// A failed derivation, told: "because … and because …". docs/internals/resolver.md#explanations.

#include "resolver/provider.h"
#include "resolver/pubgrub/solver.h"
#include "resolver/resolution.h"

namespace pkg::resolver {

// Precondition: solver.solve() said no.
Conflict explain(const Provider& provider, const pubgrub::Solver& solver);

}  // namespace pkg::resolver
