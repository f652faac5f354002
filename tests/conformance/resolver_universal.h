#pragma once
// One scenario of resolver/** in mode "universal", locked once and judged by its projections onto the scenario's
// environments.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "resolver/resolution.h"

namespace pkg::conformance {

struct ProjectionVerdict {
  std::string environment;              // "linux-3.12"
  std::vector<std::string> complaints;  // of check_lock; empty: valid
  bool is_outside = false;   // no environment of the universe: its variables contradict each other (known_platforms)
  bool is_compared = false;  // the scenario says what is installed
  bool is_equal = false;
  std::string ours, theirs;  // "a 1, b 2"
};

struct UniversalVerdict {
  std::string id, name;
  std::string error;  // not empty: the scenario could not be run
  bool expected_satisfiable = false, satisfiable = false;
  std::vector<ProjectionVerdict> projections;
  resolver::Resolution resolution;
  resolver::Conflict conflict;
};

// nullopt: of another mode than "universal".
std::optional<UniversalVerdict> run_universal_scenario(const std::filesystem::path& file);

}  // namespace pkg::conformance
