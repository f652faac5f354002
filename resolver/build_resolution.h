#pragma once
// The solver's assignment as a Resolution: pins with files, edges and extras, nothing unreachable, and the warnings.

#include "resolver/provider.h"
#include "resolver/pubgrub/solver.h"
#include "resolver/resolution.h"

namespace pkg::resolver {

Resolution build_resolution(const Provider& provider, const pubgrub::Solver& solver);

}  // namespace pkg::resolver
