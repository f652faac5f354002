#pragma once
// Solutions for single members of conflict sets as one solution for all combinations of members.
// docs/internals/resolver.md#conflict-sets-without-products

#include <map>
#include <span>
#include <variant>
#include <vector>

#include "resolver/fork_solution.h"
#include "resolver/problem.h"

namespace pkg::resolver {

// What is selected of each choice; of those that are not named nothing is.
using Chosen = std::map<ChoiceId, ChoiceSelection>;
// Choices that were solved for together: for all combinations of their selections.
using ChoiceCluster = std::vector<ChoiceId>;

// Nothing in `solved` asks about the choices. It has the empty Chosen, the reference, and for each cluster every
// combination of its selections. Gives the solution, or some choices of at least two clusters that are not independent.
std::variant<ForkSolution, ChoiceCluster> combine_choices(const Problem& problem, ForkWorld& world,
                                                          std::span<const ChoiceCluster> clusters,
                                                          const std::map<Chosen, std::vector<ForkSolution>>& solved);

}  // namespace pkg::resolver
