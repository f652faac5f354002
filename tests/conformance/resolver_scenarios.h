#pragma once
// One scenario of resolver/**, run and judged. The section runner counts these; tests and measurements look closer.

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "resolver/resolution.h"
#include "support/world.h"

namespace pkg::conformance {

struct ScenarioVerdict {
  std::string id, name;
  bool satisfiable = false, valid = false,
       pins = false;  // the three steps of the vectors' README; a step that was not reached is false
  std::string problem;
  double seconds = 0;
  test::World::Counts counts;
  resolver::Statistics statistics;
  resolver::Conflict conflict;
  bool passed() const { return satisfiable && valid && pins; }
};

using ScenarioClock = std::function<double()>;  // seconds since whenever

// nullopt: of another mode than "install". `clock` may be empty.
std::optional<ScenarioVerdict> run_scenario(const std::filesystem::path& file, const ScenarioClock& clock);
std::vector<std::filesystem::path> scenario_files(const std::filesystem::path& folder);  // all of resolver/**, sorted

}  // namespace pkg::conformance
