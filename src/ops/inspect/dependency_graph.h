#pragma once
// Who needs whom: one graph for a lock and for an environment. `pkg tree`, `why` and `outdated` look at it; nothing is
// installed from it. Pure: made from what was read already. docs/reference/graph.md

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lock/lock_file.h"
#include "pep/environment.h"
#include "pep/marker.h"
#include "pep/name.h"
#include "pep/requirement.h"
#include "pep/target.h"
#include "pep/version.h"
#include "venv/consistency.h"

namespace pkg::ops {

// `from` needs `to`.
struct GraphEdge {
  std::size_t from = 0, to = 0;  // indices into nodes
  pep::Requirement requirement;  // with its marker; origin where a person wrote it
  bool is_stated = true;         // false: only the name is known (a lock keeps no specifiers), see state_requirements
  std::vector<pep::Name> via_extras, via_groups;  // of `from`: needed only with one of these. Both empty: always
};

struct GraphNode {
  enum class Kind { project, package, missing } kind = Kind::package;  // missing: needed, and not there
  pep::Name name;
  std::string version;  // for people; empty: none
  std::optional<pep::Version> parsed_version;
  std::vector<pep::Name> extras;              // that someone asks for, sorted
  pep::Marker marker;                         // where it is installed
  bool requested = false;                     // an environment: the user asked for it (PEP 376)
  std::optional<std::size_t> source;          // index into the lock's packages, or into the installed distributions
  std::vector<std::size_t> needs, needed_by;  // edges; needs in the order of the tree, needed_by by name
};

struct DependencyGraph {
  std::vector<GraphNode> nodes;  // projects first, then by name, newest first
  std::vector<GraphEdge> edges;
  std::vector<std::size_t>
      roots;  // projects, then what nothing else needs; of a circle nobody needs, the first by name

  std::vector<std::size_t> find(const pep::Name& name) const;  // packages (and missing ones) of that name
};

// Which part of a lock is wanted.
struct GraphSelection {
  std::optional<pep::Environment> environment;           // nullopt: every environment
  std::optional<std::vector<pep::Name>> extras, groups;  // nullopt: all
  bool only_groups = false;                              // of what the project asks for, only what the groups ask for
};

// One pyproject.toml: what the roots of a lock's graph are called, and what they ask for.
struct GraphProject {
  pep::Name name;
  std::string version;
  std::vector<pep::Requirement> requirements;  // with `"x" in extras` and `"g" in dependency_groups`, as in [tool.pkg]
};

// Without projects the lock's own list of requirements has no parent: then what nothing else needs is a root.
DependencyGraph graph_of(const lock::LockFile& lock, const GraphSelection& selection,
                         std::span<const GraphProject> projects);
// Extras are those that some installed distribution asks for. Distributions whose metadata cannot be read need nothing.
DependencyGraph graph_of(venv::InstalledSet& installed, const pep::Target& target);

// What the package's metadata says replaces the bare names on the edges from `node`. An edge that several requirements
// stand for becomes several; one that none stands for stays as it is.
void state_requirements(DependencyGraph& graph, std::size_t node, const pep::RequirementList& requires_dist,
                        const GraphSelection& selection);

// False only where the marker cannot hold: comparisons with what the selection leaves open count as true. `extras`: of
// the package.
bool may_hold(const pep::Marker& marker, const GraphSelection& selection, std::span<const pep::Name> extras);

// The marker without the `"x" in extras` and `"g" in dependency_groups` and `extra == "x"` that stand beside the rest
// of it.
pep::Marker environment_part(const pep::Marker& marker);

}  // namespace pkg::ops
