#include "resolver/fork_solution.h"

#include <deque>

#include "base/check.h"

namespace pkg::resolver {

namespace {

class Walk {
 public:
  Walk(const Provider& provider, const pubgrub::Solver& solver)
      : provider_(provider),
        solver_(solver),
        guarded_(provider.world()->guarded()),
        fork_(provider.fork()->environments) {}

  ForkSolution run() {
    solution_.environments = fork_;
    for (const ActiveRequirement& active : provider_.active_root()) {
      GuardedSet where = guarded_.meet(provider_.world()->guarded(active.asked->marker), fork_);
      if (active.asked != active.requirement)
        where = guarded_.meet(where, provider_.world()->condition(active.requirement->marker, {}));
      follow(-1, active, where);
    }
    while (!work_.empty()) {
      const int at = work_.front();
      work_.pop_front();
      queued_[static_cast<std::size_t>(at)] = false;
      expand(at);
    }
    for (ForkNode& node : solution_.nodes) node.environments = guarded_.hull(node.where);
    return sorted();
  }

  // All requirements of a node, for its present environments and extras.
  void expand(int at) {
    const auto metadata = node(at).metadata;
    const GuardedSet here = node(at).where;
    const auto extras = node(at).extras;
    for (const ActiveRequirement& active : requirements(at, {}))
      follow(at, active, guarded_.meet(here, active.condition));
    for (const auto& [extra, where] : extras)
      for (const ActiveRequirement& active : requirements(at, extra))
        follow(at, active, guarded_.meet(where, active.condition));
  }

  const std::vector<ActiveRequirement>& requirements(int at, const pep::Name& extra) {
    const auto [known, is_new] = requirements_.try_emplace({at, extra});
    if (is_new)
      known->second =
          provider_.active(*node(at).metadata, extra.empty() ? std::span<const pep::Name>() : std::span(&extra, 1));
    return known->second;
  }

  // A requirement that holds `where`.
  void follow(int parent, const ActiveRequirement& active, const GuardedSet& where) {
    if (where.is_empty()) return;
    const int child = node_for(active.requirement->name);
    add_edge(parent, child, active, guarded_.hull(where));
    bool grown = guarded_.grow(node(child).where, where);
    for (const pep::Name& extra : *active.extras) grown = guarded_.grow(node(child).extras[extra], where) || grown;
    if (!grown || queued_[static_cast<std::size_t>(child)]) return;
    queued_[static_cast<std::size_t>(child)] = true;
    work_.push_back(child);
  }

  void add_edge(int parent, int child, const ActiveRequirement& active, MarkerSet where) {
    const auto [known, is_new] = edge_index_.try_emplace({parent, active.requirement}, solution_.edges.size());
    if (is_new) solution_.edges.push_back({parent, child, active.requirement, where});
    MarkerSet& environments = solution_.edges[known->second].environments;
    environments = provider_.world()->space().either(environments, where);
  }

  ForkNode& node(int at) { return solution_.nodes[static_cast<std::size_t>(at)]; }

  int node_for(const pep::Name& name) {
    const auto [known, is_new] = index_.try_emplace(name, static_cast<int>(solution_.nodes.size()));
    if (!is_new) return known->second;
    const Project& project = *provider_.find(name);
    const pubgrub::Value value = solver_.solution().decision(project.id);
    const Candidate* const candidate = provider_.candidate(project, value);
    PKG_CHECK(candidate != nullptr && candidate->metadata != nullptr);
    ForkNode made;
    made.name = name;
    made.version = project.versions[value];
    made.files = candidate->files;
    made.metadata = candidate->metadata;
    made.direct = value < project.direct_count();
    if (!made.direct) made.index = project.index;
    if (made.direct) made.owned.push_back(project.direct[value].file);
    solution_.nodes.push_back(std::move(made));
    queued_.push_back(false);
    return known->second;
  }

  ForkSolution sorted() {
    std::vector<int> order;  // new place → old place
    for (const auto& [name, at] : index_) order.push_back(at);
    std::vector<int> place(order.size());
    std::vector<ForkNode> nodes;
    for (std::size_t i = 0; i < order.size(); ++i) {
      place[static_cast<std::size_t>(order[i])] = static_cast<int>(i);
      nodes.push_back(std::move(node(order[i])));
    }
    solution_.nodes = std::move(nodes);
    for (ForkEdge& edge : solution_.edges) {
      if (edge.parent >= 0) edge.parent = place[static_cast<std::size_t>(edge.parent)];
      edge.child = place[static_cast<std::size_t>(edge.child)];
    }
    return std::move(solution_);
  }

  const Provider& provider_;
  const pubgrub::Solver& solver_;
  GuardedSets& guarded_;
  MarkerSet fork_;
  ForkSolution solution_;
  std::map<pep::Name, int> index_;
  std::map<std::pair<int, const pep::Requirement*>, std::size_t> edge_index_;
  std::map<std::pair<int, pep::Name>, std::vector<ActiveRequirement>> requirements_;
  std::vector<bool> queued_;
  std::deque<int> work_;
};

}  // namespace

void restrict_to(ForkSolution& solution, MarkerSet environments, ForkWorld& world) {
  MarkerSpace& space = world.space();
  solution.environments = space.both(solution.environments, environments);
  for (ForkNode& node : solution.nodes) {
    node.where = world.guarded().meet(node.where, environments);
    node.environments = space.both(node.environments, environments);
    for (auto& [extra, where] : node.extras) where = world.guarded().meet(where, environments);
  }
  for (ForkEdge& edge : solution.edges) edge.environments = space.both(edge.environments, environments);
}

ForkSolution fork_solution(const Provider& provider, const pubgrub::Solver& solver) {
  return Walk(provider, solver).run();
}

}  // namespace pkg::resolver
