#pragma once
// Where the graph of `tree`, `why` and `outdated` comes from: the project's lock, or else an environment.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "lock/lock_file.h"
#include "ops/environment/environment_choice.h"
#include "ops/inspect/dependency_graph.h"
#include "ops/lock/locked_pins.h"
#include "ops/project/project.h"
#include "ops/session/session.h"
#include "pep/target.h"
#include "venv/site.h"

namespace pkg::ops {

struct GraphOptions {
  EnvironmentOptions environment;  // whose part of the lock is shown, or which environment
  bool installed = false;          // the environment even where there is a lock
  bool universal = false;      // the whole lock, for every environment; with all extras and groups where none is named
  SelectionOptions selection;  // parts of the lock
};

struct OpenedGraph {
  DependencyGraph graph;
  GraphSelection selection;
  std::filesystem::path path;  // of the lock file or of the environment
  bool is_lock = false;
  std::optional<pep::Target> target;       // absent: universal
  std::optional<Project> project;          // of a lock; absent where there is no pyproject.toml
  lock::LockFile lock;                     // nodes' sources point here …
  std::vector<venv::InstalledDist> dists;  // … or here
};

// not_found: no environment, a group or extra that the lock does not have.
Result<OpenedGraph> open_graph(const GraphOptions& options, Session& session);

// Fills in what the packages `nodes` require: from METADATA where the same version is installed, else from the cache or
// the index. What cannot be had stays a bare name; its package is named in the answer.
std::vector<pep::Name> state_requirements(OpenedGraph& opened, const std::vector<std::size_t>& nodes, Session& session);

}  // namespace pkg::ops
