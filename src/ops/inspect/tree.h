#pragma once
// `pkg tree`: a dependency graph written out line by line.

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "ops/inspect/dependency_graph.h"

namespace pkg::ops {

enum class Direction { needs, needed_by };

struct WalkOptions {
  Direction direction = Direction::needs;
  std::optional<std::size_t> depth;   // levels below the roots; 0: the roots alone
  std::vector<std::string> packages;  // these are the roots; empty: the graph's own (inverted: what needs nothing)
  std::vector<std::string> prune;     // not shown, nor what is below them
  bool dedupe = true;                 // what a package needs is shown once
};

struct TreeLine {
  // repeated: what it needs stands above. cycle: it stands on the way to the root.
  enum class Mark { none, repeated, cycle } mark = Mark::none;
  std::size_t level = 0, node = 0;
  std::optional<std::size_t> edge;  // by which it is here; absent for roots
  bool is_last = true;              // of its parent's lines
};

// not_found: a name that is not in the graph. unsupported: more than a million lines (only without dedupe).
Result<std::vector<TreeLine>> walk(const DependencyGraph& graph, const WalkOptions& options);

// The packages of that name; not_found with the nearest name there is.
Result<std::vector<std::size_t>> find_named(const DependencyGraph& graph, const std::string& name);

}  // namespace pkg::ops
