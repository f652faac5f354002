#pragma once
// Judges answers of the resolver: is a solution valid? And turns the vectors' indexes into worlds.

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "resolver/problem.h"
#include "resolver/resolution.h"
#include "support/world.h"

namespace pkg::conformance {

using VectorJson = nlohmann::json;

pep::Target target_of(const VectorJson& environment);
void fill_world(const VectorJson& index, test::World& world);
std::vector<pep::Requirement> requirements_of(const VectorJson& texts);

// Empty when every requirement that applies is met and nothing is superfluous; else the first thing that is wrong.
// Looks at pins and metadata only; `problem` without overrides.
std::string check_solution(const resolver::Problem& problem, const resolver::Resolution& resolution);

}  // namespace pkg::conformance
