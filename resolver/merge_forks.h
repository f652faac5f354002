#pragma once
// The solutions of all forks as one Resolution: equal releases unite, markers are simplified under the universe.

#include <span>

#include "resolver/fork_solution.h"
#include "resolver/resolution.h"

namespace pkg::resolver {

Resolution merge_forks(std::span<const ForkSolution> solutions, ForkWorld& world);

}  // namespace pkg::resolver
