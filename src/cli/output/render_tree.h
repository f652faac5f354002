#pragma once
// Dependency graphs as text with branches, and as JSON.

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "base/json.h"
#include "cli/output/output.h"
#include "ops/inspect/dependency_graph.h"
#include "ops/inspect/tree.h"
#include "ops/inspect/why.h"

namespace pkg::cli {

struct TreeStyle {
  ops::Direction direction = ops::Direction::needs;
  bool markers = false;                         // a whole lock: say where an edge counts
  std::map<std::size_t, std::string> latest{};  // by node: the newest release, where that is newer
};

// One line per entry with "├── " and "└── ", and a line that explains the marks that occur.
Text tree_text(const ops::DependencyGraph& graph, const std::vector<ops::TreeLine>& lines, const TreeStyle& style);
// {"roots": [id …], "packages": [{"id", "name", "version", …, "dependencies": [{"id", …}]}]}: what stands on the lines,
// each once. Inverted: "dependents" instead of "dependencies".
json::Json tree_json(const ops::DependencyGraph& graph, const std::vector<ops::TreeLine>& lines,
                     const TreeStyle& style);

// Each chain as a tree with one branch, with the requirements that lead on.
Text chains_text(const ops::DependencyGraph& graph, const ops::WhyReport& report);
// [[{"name", "version"}, {"name", "version", "requirements": […]} …] …]
json::Json chains_json(const ops::DependencyGraph& graph, const ops::WhyReport& report);

}  // namespace pkg::cli
