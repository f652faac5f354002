// A fork is a marker set and one run of PubGrub. A requirement counts in it when its marker meets the fork, and then
// binds all of it, so a solution holds in every environment of its fork. That may be too strict, or a solution may not
// fit everywhere. Both are repaired by making the fork smaller, never by making the solver smarter:
//
//   clash            one parent wants different versions of a project under markers that exclude each other
//   failure          a requirement in the derivation does not hold everywhere in the fork: split by its condition
//   Requires-Python  the solution installs a release on Pythons that it does not accept: split at those bounds
//   files            a release has no file for a platform: that part is solved again, and there needs one
//
// Invariants. (1) Open forks and found solutions are disjoint, and together they are the region. (2) In each
// environment of a solution the pins whose marker holds meet every requirement. (3) A fork that fails although nothing
// in its derivation can be split proves that the region has no solution. (4) A wish for files (not a required
// environment) never fails a resolution and never costs files elsewhere: the attempt is made aside and thrown away.
//
// Example: requires-python >=3.9; the project wants numpy; numpy 2.3 needs Python 3.11, numpy 2.0 needs 3.9. The first
// fork is everything, and its solution has numpy 2.3. That is installed on 3.9 and 3.10 too, so the fork falls into
// >=3.11 and <3.11. The latest Python goes first and keeps 2.3; <3.11 gets 2.0. A backport that only 3.9 needs would
// have split nothing: solutions are looked at, not candidates
// (docs/internals/decisions/0008-universal-forks-from-solutions.md).
//
// Forks agree where they can: what one has chosen the next prefers, after what the old lock says for all of the fork
// and before what it says for some of it.
#include "resolver/region_solver.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <string>

#include "base/text.h"

namespace pkg::resolver {

namespace {

constexpr std::size_t kMostForks = 10000;
constexpr std::size_t kMostOldParts = 64;

}  // namespace

Result<std::optional<Failure>> RegionSolver::solve(MarkerSet region, std::vector<ForkSolution>& solutions) {
  const Split old_parts = parts_of_old_lock(region);
  if (old_parts.size() > 1 && meets_choices(old_parts))
    return make_error(ErrorKind::internal, "a region falls apart by its choices");
  std::deque<Fork> parts;
  put_in_front(parts, {}, old_parts);
  for (Fork& part : parts) {
    PKG_TRY_ASSIGN(auto failure, resolve(std::move(part), solutions));
    if (failure) return failure;
  }
  return std::optional<Failure>();
}

void RegionSolver::start_again() {
  runner_.forget(0);
  choices_met_.clear();
}

// Where the old lock has several versions of a project the region is cut as it was then: in each part one of them is
// preferred, and what is unchanged stays as it is.
Split RegionSolver::parts_of_old_lock(MarkerSet region) {
  Split parts{region};
  std::map<pep::Name, std::vector<MarkerSet>> markers;
  for (const Preference& preference : problem_.preferences)
    markers[preference.name].push_back(world_.guarded().hull(world_.guarded(preference.marker)));
  for (const auto& [name, sets] : markers) {
    if (sets.size() < 2) continue;
    Split finer = parts;
    for (const MarkerSet set : sets) refine(finer, set);
    if (finer.size() <= kMostOldParts) parts = std::move(finer);
  }
  return parts;
}

bool RegionSolver::meets_choices(const Split& parts) {
  if (!world_.universe().conflicts.empty()) choices_met_ = space_.choices_in(parts);
  return !choices_met_.empty();
}

// Solves a fork and all that it is split into; the solutions together cover it. A Failure: some part of it has none.
Result<std::optional<Failure>> RegionSolver::resolve(Fork region, std::vector<ForkSolution>& solutions) {
  std::deque<Fork> open{std::move(region)};
  while (!open.empty()) {
    const Fork fork = std::move(open.front());
    open.pop_front();
    if (++forks_ > kMostForks) return too_many();
    PKG_TRY_ASSIGN(auto outcome, runner_.run(fork));
    if (auto* const failure = std::get_if<Failure>(&outcome)) return std::optional<Failure>(std::move(*failure));
    if (auto* const parts = std::get_if<Split>(&outcome)) {
      if (meets_choices(*parts)) return make_error(ErrorKind::internal, "a region falls apart by its choices");
      splits_.emplace_back(fork.environments, parts->front());
      put_in_front(open, fork, *parts);
      continue;
    }
    auto& solution = std::get<ForkSolution>(outcome);
    if (auto parts = split_by_python(fork, solution); parts.size() > 1) {
      put_in_front(open, fork, parts);
      continue;
    }
    PKG_TRY_ASSIGN(auto failure, cover_platforms(fork, std::move(solution), solutions));
    if (failure) return failure;
  }
  return std::optional<Failure>();
}

// Parts are solved in this order: the latest Python first, so that older ones can take over what it has chosen.
void RegionSolver::put_in_front(std::deque<Fork>& open, const Fork& fork, const Split& parts) {
  std::vector<std::pair<std::uint64_t, MarkerSet>> ordered;
  for (const MarkerSet part : parts)
    if (part != MarkerSpace::kNone) ordered.emplace_back(space_.lowest_python(part), part);
  const bool lowest = problem_.policy.order == Order::lowest;
  std::ranges::stable_sort(
      ordered, [&](const auto& a, const auto& b) { return lowest ? a.first < b.first : a.first > b.first; });
  for (auto part = ordered.rbegin(); part != ordered.rend(); ++part)
    open.push_front({part->second, fork.needs, fork.waived, fork.lacking});
}

void RegionSolver::refine(Split& parts, MarkerSet by) {
  Split finer;
  for (const MarkerSet part : parts)
    for (const MarkerSet piece : {space_.both(part, by), space_.without(part, by)})
      if (piece != MarkerSpace::kNone) finer.push_back(piece);
  parts = std::move(finer);
}

// A release that is installed where its Requires-Python does not allow it: the fork falls apart at that bound.
Split RegionSolver::split_by_python(const Fork& fork, const ForkSolution& solution) {
  Split parts{fork.environments};
  if (problem_.policy.ignore_requires_python) return parts;
  for (const ForkNode& node : solution.nodes) {
    MarkerSet allowed = MarkerSpace::kAll;
    if (node.metadata->has_requires_python) allowed = world_.python_of(node.metadata->requires_python);
    if (!node.files.empty()) allowed = space_.both(allowed, python_of_files(node));
    if (!space_.implies(node.environments, allowed)) refine(parts, allowed);
  }
  return parts;
}

MarkerSet RegionSolver::python_of_files(const ForkNode& node) {
  MarkerSet any = MarkerSpace::kNone;
  const std::string* latest = nullptr;
  for (const pep::DistFile* const file : node.files) {
    if (latest != nullptr && *latest == file->requires_python) continue;
    latest = &file->requires_python;
    any = space_.either(any, world_.python_of(file->requires_python));
  }
  return any;
}

// Releases without a usable file on a platform they are installed on: that platform gets a solution of its own, with
// other releases, where there is one. What is left of the fork keeps its solution.
Result<std::optional<Failure>> RegionSolver::cover_platforms(Fork fork, ForkSolution solution,
                                                             std::vector<ForkSolution>& solutions) {
  std::optional<std::vector<FileNeed>> lacking;
  for (const PlatformClass& platform : world_.coverage().platforms()) {
    while (true) {
      PKG_TRY_ASSIGN(auto needs, missing_.of(fork, solution, platform));
      if (needs.empty()) break;
      if (!lacking) {
        PKG_TRY_ASSIGN(lacking, missing_.of(fork, solution));
      }
      runner_.remember(fork, solution);
      PKG_TRY_ASSIGN(auto attempt, cover(fork, platform, needs, *lacking, solutions));
      if (attempt.failure && platform.required) return std::move(attempt.failure);
      if (attempt.failure && is_wish(fork) && !was_lacking(fork, needs))
        return std::optional<Failure>(made_worse(fork));
      fork.environments = space_.without(fork.environments, attempt.covered);
      restrict_to(solution, fork.environments, world_);
      if (attempt.failure) waive(fork, platform, needs, attempt.failure->files_of);
    }
  }
  if (fork.environments == MarkerSpace::kNone) return std::optional<Failure>();
  runner_.remember(fork, solution);
  solutions.push_back(std::move(solution));
  return std::optional<Failure>();
}

// Whether the solution that the fork is to improve on lacked these files as well.
bool RegionSolver::was_lacking(const Fork& fork, std::span<const FileNeed> needs) {
  return std::ranges::all_of(needs, [&](const FileNeed& need) {
    return std::ranges::any_of(fork.lacking, [&](const FileNeed& old) {
      return old.name == need.name && old.platform == need.platform &&
             space_.implies(need.environments, old.environments);
    });
  });
}

// A wish that is only met where other files go missing is not worth it.
Failure RegionSolver::made_worse(const Fork& fork) {
  Failure failure;
  for (const FileNeed& need : fork.needs) failure.files_of.insert(need.name);
  return failure;
}

// Solutions with the needed files: for all Pythons at once, else for one at a time.
Result<RegionSolver::Attempt> RegionSolver::cover(const Fork& fork, const PlatformClass& platform,
                                                  std::span<const FileNeed> needs, const std::vector<FileNeed>& lacking,
                                                  std::vector<ForkSolution>& solutions) {
  MarkerSet wanted = MarkerSpace::kNone;
  for (const FileNeed& need : needs) wanted = space_.either(wanted, need.environments);
  const MarkerSet pythons = space_.python_range_of(wanted);
  const MarkerSet region = space_.both(space_.both(fork.environments, platform.region), pythons);
  Attempt attempt;
  PKG_TRY_ASSIGN(attempt.failure, solve_with(fork, region, needs, lacking, solutions));
  if (!attempt.failure) {
    attempt.covered = region;
    return attempt;
  }
  const auto pieces = world_.coverage().by_python(pythons);
  if (attempt.failure->unreadable || pieces.size() < 2) return attempt;
  attempt.failure.reset();
  for (const MarkerSet piece : pieces) {
    const MarkerSet part = space_.both(region, piece);
    PKG_TRY_ASSIGN(auto failure, solve_with(fork, part, needs, lacking, solutions));
    if (!failure)
      attempt.covered = space_.either(attempt.covered, part);
    else if (!attempt.failure)
      attempt.failure = std::move(failure);
    else
      attempt.failure->files_of.merge(failure->files_of);
  }
  return attempt;
}

Result<std::optional<Failure>> RegionSolver::solve_with(const Fork& fork, MarkerSet region,
                                                        std::span<const FileNeed> needs,
                                                        const std::vector<FileNeed>& lacking,
                                                        std::vector<ForkSolution>& solutions) {
  Fork with{region, fork.needs, fork.waived, lacking};
  for (const FileNeed& need : needs)
    if (const MarkerSet here = space_.both(need.environments, region); here != MarkerSpace::kNone)
      with.needs.push_back({need.name, need.platform, here});
  const std::size_t chosen_before = runner_.remembered();
  std::vector<ForkSolution> found;
  PKG_TRY_ASSIGN(auto failure, resolve(std::move(with), found));
  if (failure) {
    runner_.forget(chosen_before);
    return failure;
  }
  std::ranges::move(found, std::back_inserter(solutions));
  return failure;
}

// Wishes that cannot be met are given up: those that the failure names, else all.
void RegionSolver::waive(Fork& fork, const PlatformClass& platform, std::span<const FileNeed> needs,
                         const std::set<pep::Name>& named) {
  const bool is_named = std::ranges::any_of(needs, [&](const FileNeed& need) { return named.contains(need.name); });
  for (const FileNeed& need : needs)
    if (!is_named || named.contains(need.name)) fork.waived.emplace_back(need.name, &platform);
}

// What the forks were split by, the most frequent first.
Error RegionSolver::too_many() {
  constexpr std::size_t kMostNamed = 8;
  std::map<std::string, int> counts;
  for (const auto& [fork, part] : splits_) ++counts[space_.marker(space_.simplify(part, fork)).to_string()];
  std::vector<std::pair<int, std::string>> conditions;
  for (const auto& [text, count] : counts) conditions.emplace_back(-count, text);
  std::ranges::sort(conditions);
  Error error = make_error(ErrorKind::unsupported,
                           cat("the requirements split into more than ", kMostForks, " sets of environments"),
                           "narrow requires-python or [tool.pkg] environments, or let these conditions ask for "
                           "versions that fit together");
  for (std::size_t i = 0; i < std::min(kMostNamed, conditions.size()); ++i)
    error.context.push_back(cat("split by ", conditions[i].second));
  return error;
}

}  // namespace pkg::resolver
