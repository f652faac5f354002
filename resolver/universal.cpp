// One lock for every environment, by solving for sets of environments ("forks") and putting the answers together.
//
// A region of the universe is solved by forks that split where they must (region_solver.cpp); merge_forks.cpp unites
// equal releases, and certificate.cpp judges the result before anybody sees it.
//
// To begin with the region is the whole universe. When it falls apart by what is selected of a conflict set, splitting
// on would multiply the sets. So such sets are decided from outside: once with nothing of them selected, once for each
// member alone, and combine_choices.cpp makes one solution of that for all combinations. Sets that turn out to depend
// on each other are solved for together.
#include "resolver/universal.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "base/text.h"
#include "resolver/certificate.h"
#include "resolver/combine_choices.h"
#include "resolver/lacking_files.h"
#include "resolver/merge_forks.h"
#include "resolver/region_solver.h"

namespace pkg::resolver {

namespace {

constexpr std::size_t kMostCombinations = 10000;  // of choices that depend on each other

class UniversalResolver {
 public:
  UniversalResolver(const Problem& problem, PackageSource& source, const CancelToken* cancel)
      : problem_(problem),
        world_(*problem.universe),
        space_(world_.space()),
        region_(problem, source, world_, cancel) {}

  Result<std::variant<Resolution, Conflict>> run() {
    if (world_.everything() == MarkerSpace::kNone)
      return make_error(ErrorKind::usage, "requires-python and environments leave no environment to resolve for");
    std::vector<ForkSolution> solutions;
    PKG_TRY_ASSIGN(auto failure, solve(solutions));
    if (failure) return std::variant<Resolution, Conflict>(std::move(failure->conflict));
    Resolution resolution = merge_forks(solutions, world_);
    if (const auto flaw = flaw_of(resolution, problem_, world_))
      return make_error(ErrorKind::internal, cat("the lock that was found is wrong: ", *flaw),
                        "this is a mistake of pkg; nothing was written");
    std::ranges::move(lacking_file_warnings(resolution, world_), std::back_inserter(resolution.warnings));
    resolution.statistics = region_.statistics();
    resolution.statistics.forks = region_.forks();
    resolution.statistics.marker_nodes = space_.size();
    return std::variant<Resolution, Conflict>(std::move(resolution));
  }

 private:
  // First without deciding any choice, then the ones that made the universe fall apart, then all.
  Result<std::optional<Failure>> solve(std::vector<ForkSolution>& solutions) {
    std::set<ChoiceId> choices;
    while (true) {
      solutions.clear();
      auto ending = choices.empty() ? region_.solve(world_.everything(), solutions) : solve_choices(choices, solutions);
      if (region_.choices_met().empty()) return ending;
      choices = choices.empty() ? region_.choices_met() : space_.choices();
      region_.start_again();
    }
  }

  Result<std::optional<Failure>> solve_choices(const std::set<ChoiceId>& choices,
                                               std::vector<ForkSolution>& solutions) {
    std::vector<ChoiceCluster> clusters;
    for (const ChoiceId choice : choices) clusters.push_back({choice});
    std::map<Chosen, std::vector<ForkSolution>> solved;
    while (true) {
      for (const ChoiceCluster& cluster : clusters) {
        PKG_TRY_ASSIGN(const auto combinations, combinations_of(cluster));
        for (const Chosen& chosen : combinations) {
          if (solved.contains(chosen)) continue;
          PKG_TRY_ASSIGN(auto failure, solve_one(choices, chosen, solved[chosen]));
          if (failure) return failure;
        }
      }
      if (clusters.size() == 1) break;  // the combinations are all there is
      auto combined = combine_choices(problem_, world_, clusters, solved);
      if (auto* const solution = std::get_if<ForkSolution>(&combined)) {
        solutions.push_back(std::move(*solution));
        return std::optional<Failure>();
      }
      join(clusters, std::get<ChoiceCluster>(combined));
    }
    for (auto& [chosen, found] : solved)
      for (ForkSolution& solution : found) {
        restrict_to(solution, selected(choices, chosen), world_);
        solutions.push_back(std::move(solution));
      }
    return std::optional<Failure>();
  }

  // Where of all these choices exactly this is selected.
  MarkerSet selected(const std::set<ChoiceId>& choices, const Chosen& chosen) {
    MarkerSet set = MarkerSpace::kAll;
    for (const ChoiceId choice : choices) {
      const auto own = chosen.find(choice);
      set = space_.both(set, space_.chosen(choice, own == chosen.end() ? kNothingSelected : own->second));
    }
    return set;
  }

  // In its solutions nothing asks about the choices.
  Result<std::optional<Failure>> solve_one(const std::set<ChoiceId>& choices, const Chosen& chosen,
                                           std::vector<ForkSolution>& solutions) {
    Chosen decided = chosen;
    for (const ChoiceId choice : choices) decided.emplace(choice, kNothingSelected);
    MarkerSet told = MarkerSpace::kAll;
    for (const auto& [choice, selection] : chosen) told = space_.both(told, space_.chosen(choice, selection));
    region_.tell_selected(told);
    world_.assume(std::move(decided));
    auto ending = region_.solve(world_.everything(), solutions);
    world_.assume({});
    return ending;
  }

  // All combinations of the cluster's selections, nothing selected first.
  Result<std::vector<Chosen>> combinations_of(const ChoiceCluster& cluster) {
    std::vector<Chosen> combinations{Chosen()};
    for (const ChoiceId choice : cluster) {
      const std::size_t before = combinations.size();
      if (before * (space_.selections_of(choice) + 1) > kMostCombinations) return too_many(cluster);
      for (ChoiceSelection selection = 0; selection < space_.selections_of(choice); ++selection)
        for (std::size_t i = 0; i < before; ++i) {
          combinations.push_back(combinations[i]);
          combinations.back().emplace(choice, selection);
        }
    }
    return combinations;
  }

  // The clusters with these choices become one. At least two do, so this ends.
  static void join(std::vector<ChoiceCluster>& clusters, const ChoiceCluster& dependent) {
    ChoiceCluster joined;
    std::vector<ChoiceCluster> others;
    const auto is_dependent = [&](const ChoiceCluster& cluster) {
      return std::ranges::find_first_of(cluster, dependent) != cluster.end();
    };
    const bool is_progress = std::ranges::count_if(clusters, is_dependent) > 1;
    for (const ChoiceCluster& cluster : clusters) {
      if (is_dependent(cluster) || !is_progress)
        joined.insert(joined.end(), cluster.begin(), cluster.end());
      else
        others.push_back(cluster);
    }
    others.insert(others.begin(), std::move(joined));
    clusters = std::move(others);
  }

  Error too_many(const ChoiceCluster& cluster) {
    Error error = make_error(
        ErrorKind::unsupported,
        cat("these ", cluster.size(), " conflict sets depend on each other, and have more than ", kMostCombinations,
            " combinations of members"),
        "let members of different sets ask for versions that fit together, or declare more of them as conflicting");
    for (const ChoiceId choice : cluster) error.context.push_back(space_.choice_text(choice));
    return error;
  }

  const Problem& problem_;
  ForkWorld world_;
  MarkerSpace& space_;
  RegionSolver region_;
};

}  // namespace

Result<std::variant<Resolution, Conflict>> resolve_universal(const Problem& problem, PackageSource& source,
                                                             const CancelToken* cancel) {
  return UniversalResolver(problem, source, cancel).run();
}

}  // namespace pkg::resolver
