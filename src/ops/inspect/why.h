#pragma once
// `pkg why`: the chains of requirements by which a package is there.

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "ops/inspect/dependency_graph.h"
#include "ops/inspect/open_graph.h"

namespace pkg::ops {

// From a project, or from what was asked for, down to the package: nodes in that order, and the edges between each two
// of them (several where one package states several requirements on the other).
struct Chain {
  std::vector<std::size_t> nodes;
  std::vector<std::vector<std::size_t>> links;  // one fewer than nodes
};

struct WhyReport {
  std::vector<Chain> chains;  // shortest first, equal ones by name
  bool has_more = false;      // than were asked for
};

// Chains that pass no package twice, from `starts` to `target`. A start that lies on the way of another chain does not
// end it. Stops after `limit` chains (0: no limit, but a million steps).
WhyReport find_chains(const DependencyGraph& graph, std::size_t target, const std::vector<std::size_t>& starts,
                      std::size_t limit);

// Where chains begin: the roots, and in an environment whatever else the user asked for.
std::vector<std::size_t> chain_starts(const DependencyGraph& graph);

struct WhyOptions {
  GraphOptions graph;  // all extras and groups count
  std::string name;
  std::size_t limit = 50;  // chains for each version
};

struct WhyAnswer {
  OpenedGraph opened;
  std::vector<std::pair<std::size_t, WhyReport>> targets;  // the package, in each version there is
  bool is_elsewhere =
      false;  // not in this environment's part of the lock, but elsewhere in it: the answer is of the whole
  std::vector<pep::Name> unreadable;  // packages whose requirements could not be read
};

// not_found: the package is nowhere, with the nearest name there is.
Result<WhyAnswer> why(const WhyOptions& options, Session& session);

}  // namespace pkg::ops
