// Twenty conflict sets of two have 3^20 combinations, but what one member changes has mostly nothing to do with what
// the members of other sets change. So each member is solved for alone, and the rest is put together:
//
//   reference   the solution with nothing selected
//   moved       a project is moved by a member where that member's solution has a release of it that the reference has
//               not, or has it where the reference does not
//   there       a release is there where a member that moves its project to it is selected, or, if it is the
//               reference's, where no selected member moves its project away
//
// That can be wrong in two ways, and both are looked for. Two sets move one project to different releases in the same
// environments: then they clash. Or a requirement is not met although each member's own solution is fine, because the
// parent is there for one set's sake and the child was moved by another: lock_walk.cpp follows all requirements through
// what was put together, over all combinations at once, and finds it. Either way the sets are solved for together, all
// pairs of their members, and everything is put together again. With nothing or one member selected the result is that
// member's own solution, so whatever is found involves two sets at least, and in the worst case all sets end up in one
// product: no lock is missed.
#include "resolver/combine_choices.h"

#include <algorithm>
#include <optional>
#include <set>

#include "resolver/lock_walk.h"

namespace pkg::resolver {

namespace {

class Combiner {
 public:
  Combiner(const Problem& problem, ForkWorld& world, std::span<const ChoiceCluster> clusters)
      : problem_(problem), world_(world), space_(world.space()), clusters_(clusters) {
    for (const ChoiceCluster& cluster : clusters) choices_.insert(cluster.begin(), cluster.end());
  }

  std::variant<ForkSolution, ChoiceCluster> run(const std::map<Chosen, std::vector<ForkSolution>>& solved) {
    for (const auto& [chosen, solutions] : solved) note(chosen, solutions);
    if (const auto clash = find_clash()) return *clash;
    std::vector<PlacedRelease> placed;
    for (auto& [key, release] : releases_) {
      release.place = placed.size();
      const ForkNode& node = *release.nodes.front();
      placed.push_back(
          {key.name, key.version, node.metadata, node.direct, world_.guarded().always(there(key.name, release))});
    }
    LockWalk walk(placed, problem_, world_);
    if (const auto unmet = walk.run()) return dependent(unmet->where);
    return solution(walk);
  }

 private:
  struct Release {
    std::vector<const ForkNode*> nodes;
    MarkerSet reference = MarkerSpace::kNone;  // where the reference has it
    std::size_t place = 0;
  };
  struct Move {
    const Release* to;
    std::size_t cluster;
    MarkerSet chosen, environments;
    const Chosen* by;
  };

  std::size_t cluster_of(ChoiceId choice) const {
    const auto has = [&](const ChoiceCluster& cluster) { return std::ranges::find(cluster, choice) != cluster.end(); };
    return static_cast<std::size_t>(std::ranges::find_if(clusters_, has) - clusters_.begin());
  }

  // Precondition: the reference comes first.
  void note(const Chosen& chosen, const std::vector<ForkSolution>& solutions) {
    std::map<ReleaseKey, MarkerSet> found;
    for (const ForkSolution& solution : solutions)
      for (const ForkNode& node : solution.nodes) {
        if (node.environments == MarkerSpace::kNone) continue;
        MarkerSet& where = found.try_emplace(release_of(node), MarkerSpace::kNone).first->second;
        where = space_.either(where, node.environments);
        releases_[release_of(node)].nodes.push_back(&node);
      }
    if (chosen.empty()) {
      for (const auto& [key, where] : found) releases_[key].reference = where;
      return;
    }
    const std::size_t cluster = cluster_of(chosen.begin()->first);
    MarkerSet selected = MarkerSpace::kAll;
    for (const ChoiceId choice : clusters_[cluster]) {
      const auto own = chosen.find(choice);
      selected = space_.both(selected, space_.chosen(choice, own == chosen.end() ? kNothingSelected : own->second));
    }
    for (const auto& [key, where] : found) {
      const Release& release = releases_[key];
      const MarkerSet moved = space_.without(where, release.reference);
      if (moved != MarkerSpace::kNone) moves_[key.name].push_back({&release, cluster, selected, moved, &chosen});
    }
  }

  // Two clusters that move a project to different releases.
  std::optional<ChoiceCluster> find_clash() {
    for (const auto& [name, moves] : moves_)
      for (std::size_t i = 0; i < moves.size(); ++i)
        for (std::size_t j = i + 1; j < moves.size(); ++j) {
          const Move &a = moves[i], &b = moves[j];
          if (a.to == b.to || a.cluster == b.cluster || space_.disjoint(a.environments, b.environments)) continue;
          return ChoiceCluster{a.by->begin()->first, b.by->begin()->first};
        }
    return std::nullopt;
  }

  MarkerSet there(const pep::Name& name, const Release& release) {
    MarkerSet here = release.reference, moved_here = MarkerSpace::kNone;
    for (const Move& move : moves_[name]) {
      const MarkerSet where = space_.both(move.chosen, move.environments);
      if (move.to == &release)
        moved_here = space_.either(moved_here, where);
      else
        here = space_.without(here, where);
    }
    return space_.either(here, moved_here);
  }

  // The choices without which it would not be so, for one of the combinations where it is.
  ChoiceCluster dependent(const GuardedSet& unmet) {
    ChoiceCluster needed;
    MarkerSet left = world_.guarded().hull(unmet);
    for (const ChoiceId choice : choices_) {
      const MarkerSet with_nothing = space_.both(left, space_.chosen(choice, kNothingSelected));
      if (with_nothing != MarkerSpace::kNone) {
        left = with_nothing;
        continue;
      }
      needed.push_back(choice);
      for (ChoiceSelection selection = 0; selection < space_.selections_of(choice); ++selection) {
        const MarkerSet with = space_.both(left, space_.chosen(choice, selection));
        if (with == MarkerSpace::kNone) continue;
        left = with;
        break;
      }
    }
    return needed;
  }

  ForkSolution solution(LockWalk& walk) {
    ForkSolution solution;
    solution.environments = world_.everything();
    for (const auto& [key, release] : releases_) {
      ForkNode node = *release.nodes.front();
      node.where = {}, node.environments = MarkerSpace::kNone;
      node.extras.clear();
      for (const ForkNode* const other : release.nodes) {
        for (const pep::DistFile* const file : other->files)
          if (std::ranges::find(node.files, file) == node.files.end()) node.files.push_back(file);
        node.owned.insert(node.owned.end(), other->owned.begin(), other->owned.end());
      }
      solution.nodes.push_back(std::move(node));
    }
    for (const auto& [at, where] : walk.reached()) {
      ForkNode& node = solution.nodes[at.first];
      if (at.second.empty())
        node.where = where, node.environments = world_.guarded().hull(where);
      else
        node.extras.emplace(at.second, where);
    }
    for (const LockWalk::Edge& edge : walk.edges())
      solution.edges.push_back({edge.parent ? static_cast<int>(*edge.parent) : -1, static_cast<int>(edge.child),
                                edge.requirement, edge.environments});
    return solution;
  }

  const Problem& problem_;
  ForkWorld& world_;
  MarkerSpace& space_;
  std::span<const ChoiceCluster> clusters_;
  std::set<ChoiceId> choices_;
  std::map<ReleaseKey, Release> releases_;
  std::map<pep::Name, std::vector<Move>> moves_;
};

}  // namespace

std::variant<ForkSolution, ChoiceCluster> combine_choices(const Problem& problem, ForkWorld& world,
                                                          std::span<const ChoiceCluster> clusters,
                                                          const std::map<Chosen, std::vector<ForkSolution>>& solved) {
  return Combiner(problem, world, clusters).run(solved);
}

}  // namespace pkg::resolver
