#include "resolver/universal.h"

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "base/text.h"
#include "resolver/explain.h"
#include "resolver/fork_solution.h"
#include "resolver/merge_forks.h"
#include "resolver/provider.h"
#include "resolver/pubgrub/solver.h"

namespace pkg::resolver {

using pubgrub::CauseKind;
using pubgrub::IncompatibilityId;

namespace {

constexpr std::size_t kMostForks = 400;

class UniversalResolver {
 public:
  UniversalResolver(const Problem& problem, PackageSource& source, const CancelToken* cancel)
      : problem_(problem), source_(source), cancel_(cancel), world_(*problem.universe), space_(world_.space()) {}

  Result<std::variant<Resolution, Conflict>> run() {
    if (world_.everything() == MarkerSpace::kNone)
      return make_error(ErrorKind::usage, "requires-python and environments leave no environment to resolve for");
    open_.push_back({world_.everything(), {}, {}});
    while (!open_.empty()) {
      if (open_.size() + solutions_.size() > kMostForks) return too_many();
      const Fork fork = std::move(open_.front());
      open_.pop_front();
      PKG_TRY_ASSIGN(auto conflict, solve(fork));
      if (conflict) return std::variant<Resolution, Conflict>(std::move(*conflict));
    }
    Resolution resolution = merge_forks(solutions_, world_);
    resolution.statistics = statistics_;
    return std::variant<Resolution, Conflict>(std::move(resolution));
  }

 private:
  // Solves the fork, or puts what it is split into at the front of open_. A Conflict ends everything.
  Result<std::optional<Conflict>> solve(const Fork& fork) {
    const std::vector<Preference> preferred = preferences();
    while (true) {
      pubgrub::Solver solver;
      Provider provider(problem_, source_, book_, world_, fork, preferred);
      const auto solved = solver.solve(provider, cancel_);
      count(solver, provider);
      if (provider.must_restart()) continue;
      if (!provider.must_split().empty()) {
        split(fork, provider.must_split());
        return std::optional<Conflict>();
      }
      if (!solved) return solved.error();
      if (!*solved) return unsolvable(fork, provider, solver);
      ForkSolution solution = fork_solution(provider, solver);
      if (split_by_python(fork, solution)) return std::optional<Conflict>();
      PKG_TRY_ASSIGN(const bool has_split, split_by_files(fork, solution));
      if (!has_split) solutions_.push_back(std::move(solution));
      return std::optional<Conflict>();
    }
  }

  void count(const pubgrub::Solver& solver, const Provider& provider) {
    statistics_.decisions += solver.statistics().decisions;
    statistics_.conflicts += solver.statistics().conflicts;
    statistics_.listings = std::max(statistics_.listings, provider.listings_asked());
    statistics_.metadata = std::max(statistics_.metadata, provider.metadata_asked());
  }

  // What the forks before this one chose comes first, then what the caller prefers.
  std::vector<Preference> preferences() const {
    std::vector<Preference> preferred;
    std::set<std::pair<pep::Name, pep::Version>> seen;
    for (const ForkSolution& solution : solutions_)
      for (const ForkNode& node : solution.nodes)
        if (!node.direct && seen.insert({node.name, node.version}).second) preferred.push_back({node.name, node.version});
    preferred.insert(preferred.end(), problem_.preferences.begin(), problem_.preferences.end());
    return preferred;
  }

  // --- splitting -----------------------------------------------------------------------------------------------------------------------

  // Parts are solved in this order: the latest Python first, so that older ones can take over what it has chosen.
  void split(const Fork& fork, std::vector<MarkerSet> parts) {
    std::erase(parts, MarkerSpace::kNone);
    const bool lowest = problem_.policy.order == Order::lowest;
    std::ranges::stable_sort(parts, [&](MarkerSet a, MarkerSet b) {
      const auto first = space_.lowest_python(a), second = space_.lowest_python(b);
      return lowest ? first < second : first > second;
    });
    for (auto part = parts.rbegin(); part != parts.rend(); ++part) open_.push_front({*part, fork.needs, fork.waived});
  }

  void refine(std::vector<MarkerSet>& parts, MarkerSet by) {
    std::vector<MarkerSet> finer;
    for (const MarkerSet part : parts)
      for (const MarkerSet piece : {space_.both(part, by), space_.without(part, by)})
        if (piece != MarkerSpace::kNone) finer.push_back(piece);
    parts = std::move(finer);
  }

  // A release that is installed where its Requires-Python does not allow it: the fork falls apart at that bound.
  bool split_by_python(const Fork& fork, const ForkSolution& solution) {
    if (problem_.policy.ignore_requires_python) return false;
    std::vector<MarkerSet> parts{fork.environments};
    for (const ForkNode& node : solution.nodes) {
      MarkerSet allowed = MarkerSpace::kAll;
      if (node.metadata->has_requires_python) allowed = world_.python_of(node.metadata->requires_python);
      if (!node.files.empty()) allowed = space_.both(allowed, python_of_files(node));
      if (!space_.implies(node.environments, allowed)) refine(parts, allowed);
    }
    if (parts.size() == 1) return false;
    split(fork, std::move(parts));
    return true;
  }

  MarkerSet python_of_files(const ForkNode& node) {
    MarkerSet any = MarkerSpace::kNone;
    const std::string* latest = nullptr;
    for (const pep::DistFile* const file : node.files) {
      if (latest != nullptr && *latest == file->requires_python) continue;
      latest = &file->requires_python;
      any = space_.either(any, world_.python_of(file->requires_python));
    }
    return any;
  }

  // A release without a usable file for a platform it is installed on: another release for that platform, where one has files.
  Result<bool> split_by_files(const Fork& fork, const ForkSolution& solution) {
    for (const ForkNode& node : solution.nodes) {
      const bool has_sdist = std::ranges::any_of(node.files, [](const pep::DistFile* file) { return file->kind == pep::DistKind::sdist; });
      if (has_sdist || node.direct) continue;
      for (const PlatformClass& platform : world_.coverage().platforms()) {
        const MarkerSet wanted = space_.both(node.environments, platform.environments);
        if (wanted == MarkerSpace::kNone || is_settled(fork, node.name, platform)) continue;
        const MarkerSet missing = space_.without(wanted, world_.coverage().of(node.files, platform));
        if (missing == MarkerSpace::kNone) continue;
        if (!platform.required) {
          PKG_TRY_ASSIGN(const bool other, other_release_covers(node, platform, missing));
          if (!other) continue;
        }
        look_for_files(fork, node, platform, missing);
        return true;
      }
    }
    return false;
  }

  static bool is_settled(const Fork& fork, const pep::Name& name, const PlatformClass& platform) {
    const auto is_same = [&](const auto& entry) { return entry.first == name && entry.second == &platform; };
    return std::ranges::any_of(fork.waived, is_same);
  }

  // Some release has files for a part of what is missing.
  Result<bool> other_release_covers(const ForkNode& node, const PlatformClass& platform, MarkerSet missing) {
    const auto key = std::pair{node.name, &platform};
    auto known = covered_by_any_.find(key);
    if (known == covered_by_any_.end()) {
      MarkerSet covered = MarkerSpace::kNone;
      PKG_TRY_ASSIGN(const Listing* const listing, source_.listing(node.name));
      for (std::size_t i = 0; i < listing->releases.size() && covered != platform.environments; ++i) {
        if (listing->releases[i].version == node.version || listing->releases[i].all_yanked) continue;
        PKG_TRY_ASSIGN(const auto files, source_.files(node.name, i));
        std::vector<const pep::DistFile*> usable;
        for (const pep::DistFile& file : files)
          if (file.kind == pep::DistKind::sdist ? problem_.policy.format.sdists_allowed(node.name)
                                                : problem_.policy.format.wheels_allowed(node.name))
            usable.push_back(&file);
        covered = space_.either(covered, world_.coverage().of(usable, platform));
      }
      known = covered_by_any_.emplace(key, covered).first;
    }
    return !space_.disjoint(known->second, missing);
  }

  // The part of the fork where files are missing becomes a fork that needs them.
  void look_for_files(const Fork& fork, const ForkNode& node, const PlatformClass& platform, MarkerSet missing) {
    MarkerSet region = space_.both(fork.environments, platform.environments);
    if (!platform.required) region = space_.both(region, space_.python_range_of(missing));
    Fork with{region, fork.needs, fork.waived};
    with.needs.push_back({node.name, &platform, space_.both(missing, region)});
    const MarkerSet rest = space_.without(fork.environments, region);
    if (rest != MarkerSpace::kNone) open_.push_front({rest, fork.needs, fork.waived});
    open_.push_front(std::move(with));
  }

  // --- failure -------------------------------------------------------------------------------------------------------------------------

  Result<std::optional<Conflict>> unsolvable(const Fork& fork, const Provider& provider, const pubgrub::Solver& solver) {
    if (const auto condition = condition_to_split_by(fork, provider, solver)) {
      split(fork, {space_.both(fork.environments, *condition), space_.without(fork.environments, *condition)});
      return std::optional<Conflict>();
    }
    // Files that were only wished for are given up, the last wish first.
    if (!fork.needs.empty() && !fork.needs.back().platform->required) {
      Fork without = fork;
      without.waived.emplace_back(fork.needs.back().name, fork.needs.back().platform);
      without.needs.pop_back();
      open_.push_front(std::move(without));
      return std::optional<Conflict>();
    }
    Conflict conflict = explain(provider, solver);
    if (!space_.implies(world_.everything(), fork.environments))
      append(conflict.headline, " where ", space_.marker(space_.simplify(fork.environments, world_.everything())).to_string());
    return std::optional<Conflict>(std::move(conflict));
  }

  // The condition of a requirement in the derivation that does not hold in all of the fork: the one nearest to the conclusion.
  std::optional<MarkerSet> condition_to_split_by(const Fork& fork, const Provider& provider, const pubgrub::Solver& solver) {
    std::deque<IncompatibilityId> queue{solver.failure()};
    std::set<IncompatibilityId> seen{solver.failure()};
    while (!queue.empty()) {
      const pubgrub::Cause cause = solver.incompatibility(queue.front()).cause;
      queue.pop_front();
      if (cause.kind == CauseKind::conflict) {
        for (const IncompatibilityId side : {cause.left, cause.right})
          if (seen.insert(side).second) queue.push_back(side);
      } else if (cause.kind != CauseKind::root) {
        const Note& note = provider.note(cause.note);
        if (note.requirement != nullptr && !space_.implies(fork.environments, note.condition)) return note.condition;
      }
    }
    return std::nullopt;
  }

  Error too_many() {
    std::set<std::string> markers;
    for (const Fork& fork : open_)
      if (markers.size() < 8) markers.insert(space_.marker(space_.simplify(fork.environments, world_.everything())).to_string());
    Error error = make_error(ErrorKind::unsupported, cat("the requirements split into more than ", kMostForks, " sets of environments"),
                             "narrow requires-python or [tool.pkg] environments");
    for (const std::string& marker : markers) error.context.push_back(marker);
    return error;
  }

  const Problem& problem_;
  PackageSource& source_;
  const CancelToken* cancel_;
  ForkWorld world_;
  MarkerSpace& space_;
  UrlBook book_;
  std::deque<Fork> open_;
  std::vector<ForkSolution> solutions_;
  std::map<std::pair<pep::Name, const PlatformClass*>, MarkerSet> covered_by_any_;
  Statistics statistics_;
};

}  // namespace

Result<std::variant<Resolution, Conflict>> resolve_universal(const Problem& problem, PackageSource& source, const CancelToken* cancel) {
  return UniversalResolver(problem, source, cancel).run();
}

}  // namespace pkg::resolver
