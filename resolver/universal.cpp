// One lock for every environment, by solving for sets of environments ("forks") and putting the answers together.
//
// A fork is a marker set and one run of PubGrub. A requirement counts in it when its marker meets the fork, and then
// binds all of it, so a solution holds in every environment of its fork. That may be too strict, or a solution may not
// fit everywhere. Both are repaired by making the fork smaller, never by making the solver smarter:
//
//   clash            one parent wants different versions of a project under markers that exclude each other
//   failure          a requirement in the derivation does not hold everywhere in the fork: split by its condition
//   Requires-Python  the solution installs a release on Pythons that it does not accept: split at those bounds
//   files            a release has no file for a platform: that part is solved again, and there needs one
//
// Invariants. (1) Open forks and found solutions are disjoint, and together they are the universe. (2) In each
// environment of a solution the pins whose marker holds meet every requirement. (3) A fork that fails although nothing
// in its derivation can be split proves that the universe has no lock. (4) A wish for files (not a required
// environment) never fails a resolution and never costs files elsewhere: the attempt is made aside and thrown away.
//
// Example: requires-python >=3.9; the project wants numpy; numpy 2.3 needs Python 3.11, numpy 2.0 needs 3.9. The first
// fork is everything, and its solution has numpy 2.3. That is installed on 3.9 and 3.10 too, so the fork falls into
// >=3.11 and <3.11. The latest Python goes first and keeps 2.3; <3.11 gets 2.0. A backport that only 3.9 needs would
// have split nothing: solutions are looked at, not candidates (docs/decisions/0008-universal-forks-from-solutions.md).
//
// Forks agree where they can: what one has chosen the next prefers (`chosen_`), after what the old lock says for all of
// the fork and before what it says for some of it. merge_forks.cpp unites equal releases and checks invariant 2.
#include "resolver/universal.h"

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "base/text.h"
#include "resolver/certificate.h"
#include "resolver/explain.h"
#include "resolver/fork_solution.h"
#include "resolver/merge_forks.h"
#include "resolver/provider.h"
#include "resolver/pubgrub/solver.h"
#include "resolver/wheel_tags.h"

namespace pkg::resolver {

using pubgrub::CauseKind;
using pubgrub::IncompatibilityId;

namespace {

constexpr std::size_t kMostForks = 400;
constexpr std::size_t kMostOldParts = 64;
constexpr int kMostUnreadable = 3;               // releases without metadata, until a wish is not tried
constexpr std::size_t kMostUnreadableTried = 8;  // and until one that was tried is given up

using Split = std::vector<MarkerSet>;

// A fork that has no solution: why, and which wishes for files had a part in it.
struct Failure {
  Conflict conflict;
  std::set<pep::Name> files_of;
  bool unreadable = false;  // a release with such files has no metadata
};

class UniversalResolver {
 public:
  UniversalResolver(const Problem& problem, PackageSource& source, const CancelToken* cancel)
      : problem_(problem),
        source_(source),
        cancel_(cancel),
        world_(*problem.universe),
        space_(world_.space()),
        rounds_(problem.policy.most_rounds, source) {}

  Result<std::variant<Resolution, Conflict>> run() {
    if (world_.everything() == MarkerSpace::kNone)
      return make_error(ErrorKind::usage, "requires-python and environments leave no environment to resolve for");
    std::vector<ForkSolution> solutions;
    std::deque<Fork> parts;
    put_in_front(parts, {}, parts_of_old_lock());
    for (Fork& part : parts) {
      PKG_TRY_ASSIGN(auto failure, resolve_region(std::move(part), solutions));
      if (failure) return std::variant<Resolution, Conflict>(std::move(failure->conflict));
    }
    Resolution resolution = merge_forks(solutions, world_);
    if (const auto flaw = flaw_of(resolution, problem_, world_))
      return make_error(ErrorKind::internal, cat("the lock that was found is wrong: ", *flaw),
                        "this is a mistake of pkg; nothing was written");
    resolution.statistics = statistics_;
    resolution.statistics.forks = forks_;
    resolution.statistics.marker_nodes = space_.size();
    return std::variant<Resolution, Conflict>(std::move(resolution));
  }

 private:
  // Where the old lock has several versions of a project the universe is cut as it was then: in each part one of them
  // is preferred, and what is unchanged stays as it is.
  Split parts_of_old_lock() {
    Split parts{world_.everything()};
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

  // Solves a fork and all that it is split into; the solutions together cover it. A Failure: some part of it has none.
  Result<std::optional<Failure>> resolve_region(Fork region, std::vector<ForkSolution>& solutions) {
    std::deque<Fork> open{std::move(region)};
    while (!open.empty()) {
      const Fork fork = std::move(open.front());
      open.pop_front();
      if (++forks_ > kMostForks) return too_many(open);
      PKG_TRY_ASSIGN(auto outcome, solve(fork));
      if (auto* const failure = std::get_if<Failure>(&outcome)) return std::optional<Failure>(std::move(*failure));
      if (auto* const parts = std::get_if<Split>(&outcome)) {
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

  // One run of the solver.
  Result<std::variant<ForkSolution, Split, Failure>> solve(const Fork& fork) {
    using Outcome = std::variant<ForkSolution, Split, Failure>;
    const std::vector<Preference> preferred = preferences(fork);
    while (true) {
      pubgrub::Solver solver;
      Provider provider(problem_, source_, book_, world_, fork, preferred);
      provider.count_with(rounds_);
      if (is_wish(fork)) provider.give_up_after(kMostUnreadableTried);
      const auto ending = solver.solve(provider, cancel_);
      count(solver, provider);
      if (!ending) return ending.error();
      if (provider.stop() == Provider::Stop::world_has_grown) continue;
      if (provider.stop() == Provider::Stop::must_split) return Outcome(provider.parts());
      if (provider.stop() == Provider::Stop::has_given_up) return Outcome(given_up(fork, provider));
      if (*ending == pubgrub::Ending::solved) return Outcome(fork_solution(provider, solver));
      if (const auto condition = condition_to_split_by(fork, provider, solver))
        return Outcome(
            Split{space_.both(fork.environments, *condition), space_.without(fork.environments, *condition)});
      return Outcome(failure_of(fork, provider, solver));
    }
  }

  void count(const pubgrub::Solver& solver, const Provider& provider) {
    statistics_.decisions += solver.statistics().decisions;
    statistics_.conflicts += solver.statistics().conflicts;
    statistics_.listings = std::max(statistics_.listings, provider.listings_asked());
    statistics_.metadata = std::max(statistics_.metadata, provider.metadata_asked());
  }

  // What the caller prefers for all of the fork comes first, then what earlier forks chose, then what the caller
  // prefers for some of it: so an old lock leads to itself.
  std::vector<Preference> preferences(const Fork& fork) {
    std::vector<Preference> preferred, partly;
    for (const Preference& preference : problem_.preferences)
      (world_.guarded().covers(world_.guarded(preference.marker), fork.environments) ? preferred : partly)
          .push_back(preference);
    preferred.insert(preferred.end(), chosen_.begin(), chosen_.end());
    preferred.insert(preferred.end(), partly.begin(), partly.end());
    return preferred;
  }

  // The old lock has this release there.
  bool is_preferred(const ForkNode& node, MarkerSet environments) {
    return std::ranges::any_of(problem_.preferences, [&](const Preference& preference) {
      return preference.name == node.name && preference.version == node.version &&
             space_.implies(environments, world_.guarded().hull(world_.guarded(preference.marker)));
    });
  }

  // Later forks prefer what this one has; taken back with chosen_.resize().
  void remember(const ForkSolution& solution) {
    for (const ForkNode& node : solution.nodes)
      if (!node.direct && std::ranges::none_of(chosen_, [&](const Preference& known) {
            return known.name == node.name && known.version == node.version;
          }))
        chosen_.push_back({node.name, node.version});
  }

  // --- splitting ----------------------------------------------------------------------------------------------------

  // Parts are solved in this order: the latest Python first, so that older ones can take over what it has chosen.
  void put_in_front(std::deque<Fork>& open, const Fork& fork, const Split& parts) {
    std::vector<std::pair<std::uint64_t, MarkerSet>> ordered;
    for (const MarkerSet part : parts)
      if (part != MarkerSpace::kNone) ordered.emplace_back(space_.lowest_python(part), part);
    const bool lowest = problem_.policy.order == Order::lowest;
    std::ranges::stable_sort(
        ordered, [&](const auto& a, const auto& b) { return lowest ? a.first < b.first : a.first > b.first; });
    for (auto part = ordered.rbegin(); part != ordered.rend(); ++part)
      open.push_front({part->second, fork.needs, fork.waived, fork.lacking});
  }

  void refine(Split& parts, MarkerSet by) {
    Split finer;
    for (const MarkerSet part : parts)
      for (const MarkerSet piece : {space_.both(part, by), space_.without(part, by)})
        if (piece != MarkerSpace::kNone) finer.push_back(piece);
    parts = std::move(finer);
  }

  // A release that is installed where its Requires-Python does not allow it: the fork falls apart at that bound.
  Split split_by_python(const Fork& fork, const ForkSolution& solution) {
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

  // Releases without a usable file on a platform they are installed on: that platform gets a solution of its own, with
  // other releases, where there is one. What is left of the fork keeps its solution.
  Result<std::optional<Failure>> cover_platforms(Fork fork, ForkSolution solution,
                                                 std::vector<ForkSolution>& solutions) {
    std::optional<std::vector<FileNeed>> lacking;
    for (const PlatformClass& platform : world_.coverage().platforms()) {
      while (true) {
        PKG_TRY_ASSIGN(auto needs, missing_files(fork, solution, platform));
        if (needs.empty()) break;
        if (!lacking) {
          PKG_TRY_ASSIGN(lacking, all_missing_files(fork, solution));
        }
        remember(solution);
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
    remember(solution);
    solutions.push_back(std::move(solution));
    return std::optional<Failure>();
  }

  struct Attempt {
    MarkerSet covered = MarkerSpace::kNone;  // where there are other solutions now
    std::optional<Failure> failure;          // why not everywhere
  };

  static bool is_wish(const Fork& fork) {
    return std::ranges::any_of(fork.needs, [](const FileNeed& need) { return !need.platform->required; });
  }

  // Whether the solution that the fork is to improve on lacked these files as well.
  bool was_lacking(const Fork& fork, std::span<const FileNeed> needs) {
    return std::ranges::all_of(needs, [&](const FileNeed& need) {
      return std::ranges::any_of(fork.lacking, [&](const FileNeed& old) {
        return old.name == need.name && old.platform == need.platform &&
               space_.implies(need.environments, old.environments);
      });
    });
  }

  // The releases that may have the files cannot be read.
  static Failure given_up(const Fork& fork, const Provider& provider) {
    Failure failure;
    failure.unreadable = true;
    for (const FileNeed& need : fork.needs)
      if (provider.unreadable().contains(need.name)) failure.files_of.insert(need.name);
    return failure;
  }

  // A wish that is only met where other files go missing is not worth it.
  static Failure made_worse(const Fork& fork) {
    Failure failure;
    for (const FileNeed& need : fork.needs) failure.files_of.insert(need.name);
    return failure;
  }

  Result<std::vector<FileNeed>> all_missing_files(const Fork& fork, const ForkSolution& solution) {
    std::vector<FileNeed> all;
    for (const PlatformClass& platform : world_.coverage().platforms()) {
      PKG_TRY_ASSIGN(auto needs, missing_files(fork, solution, platform));
      std::ranges::move(needs, std::back_inserter(all));
    }
    return all;
  }

  // Solutions with the needed files: for all Pythons at once, else for one at a time.
  Result<Attempt> cover(const Fork& fork, const PlatformClass& platform, std::span<const FileNeed> needs,
                        const std::vector<FileNeed>& lacking, std::vector<ForkSolution>& solutions) {
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

  Result<std::optional<Failure>> solve_with(const Fork& fork, MarkerSet region, std::span<const FileNeed> needs,
                                            const std::vector<FileNeed>& lacking,
                                            std::vector<ForkSolution>& solutions) {
    Fork with{region, fork.needs, fork.waived, lacking};
    for (const FileNeed& need : needs)
      if (const MarkerSet here = space_.both(need.environments, region); here != MarkerSpace::kNone)
        with.needs.push_back({need.name, need.platform, here});
    const std::size_t chosen_before = chosen_.size();
    std::vector<ForkSolution> found;
    PKG_TRY_ASSIGN(auto failure, resolve_region(std::move(with), found));
    if (failure) {
      chosen_.resize(chosen_before);
      return failure;
    }
    std::ranges::move(found, std::back_inserter(solutions));
    return failure;
  }

  // Wishes that cannot be met are given up: those that the failure names, else all.
  static void waive(Fork& fork, const PlatformClass& platform, std::span<const FileNeed> needs,
                    const std::set<pep::Name>& named) {
    const bool is_named = std::ranges::any_of(needs, [&](const FileNeed& need) { return named.contains(need.name); });
    for (const FileNeed& need : needs)
      if (!is_named || named.contains(need.name)) fork.waived.emplace_back(need.name, &platform);
  }

  Result<std::vector<FileNeed>> missing_files(const Fork& fork, const ForkSolution& solution,
                                              const PlatformClass& platform) {
    std::vector<FileNeed> needs;
    for (const ForkNode& node : solution.nodes) {
      const MarkerSet wanted = space_.both(node.environments, platform.environments);
      if (wanted == MarkerSpace::kNone || node.direct || is_settled(fork, node.name, platform)) continue;
      if (std::ranges::any_of(node.files, [](const pep::DistFile* file) { return file->kind == pep::DistKind::sdist; }))
        continue;
      MarkerSet missing = space_.without(wanted, world_.coverage().of(node.files, platform));
      if (missing == MarkerSpace::kNone) continue;
      if (!platform.required) {
        if (is_preferred(node, missing)) continue;  // a lock is not changed because there are more files now
        PKG_TRY_ASSIGN(const MarkerSet others, covered_by_others(node, platform, missing));
        missing = space_.both(missing, others);
        if (missing == MarkerSpace::kNone) continue;
      }
      needs.push_back({node.name, &platform, missing});
    }
    return needs;
  }

  static bool is_settled(const Fork& fork, const pep::Name& name, const PlatformClass& platform) {
    const auto is_same = [&](const auto& entry) { return entry.first == name && entry.second == &platform; };
    return std::ranges::any_of(fork.waived, is_same);
  }

  // Where some release has files, as far as what is missing goes. kNone too when those releases cannot be read: no use
  // in trying.
  Result<MarkerSet> covered_by_others(const ForkNode& node, const PlatformClass& platform, MarkerSet missing) {
    Covered& known = covered_by_any_[{node.name, &platform}];
    if (known.unreadable == kMostUnreadable || space_.implies(missing, known.by))
      return known.unreadable == kMostUnreadable ? MarkerSpace::kNone : known.by;
    PKG_TRY_ASSIGN(const Listing* const listing, source_.listing(node.name));
    for (; known.next < listing->releases.size() && !space_.implies(missing, known.by); ++known.next) {
      const Release& release = listing->releases[known.next];
      if (release.all_yanked) continue;
      PKG_TRY_ASSIGN(const MarkerSet covered, covered_by_release(node.name, known.next, release, platform));
      if (!known.has_readable && !space_.disjoint(covered, missing)) {
        PKG_TRY_ASSIGN(known.has_readable, is_readable(node.name, known.next));
        if (!known.has_readable && ++known.unreadable == kMostUnreadable) return MarkerSpace::kNone;
        if (!known.has_readable) continue;
      }
      known.by = space_.either(known.by, covered);
    }
    return known.by;
  }

  // Its files are looked at only where the listing does not tell.
  Result<MarkerSet> covered_by_release(const pep::Name& name, std::size_t number, const Release& release,
                                       const PlatformClass& platform) {
    const auto& format = problem_.policy.format;
    if (release.has_sdist && format.sdists_allowed(name)) return platform.environments;
    MarkerSet covered = MarkerSpace::kNone;
    if (!format.wheels_allowed(name) || (release.systems & platform.systems) == 0) return covered;
    WheelCoverage& coverage = world_.coverage();
    PKG_TRY(source_.each_file_name(name, number, [&](std::string_view file) {
      if (is_wheel_name(file) && !WheelCoverage::is_for_another_system(file, platform))
        covered = space_.either(covered, coverage.of(coverage.tags_of(file), platform));
    }));
    return covered;
  }

  // Its metadata can be had, from a wheel as everywhere.
  Result<bool> is_readable(const pep::Name& name, std::size_t release) {
    PKG_TRY_ASSIGN(const auto files, source_.files(name, release));
    const pep::DistFile* first = nullptr;
    for (const pep::DistFile& file : files) {
      if (file.kind != pep::DistKind::wheel || space_.disjoint(world_.everything(), world_.coverage().of(file)))
        continue;
      if (first == nullptr || file.file_name < first->file_name) first = &file;
    }
    if (first == nullptr) return false;
    PKG_TRY_ASSIGN(const auto answer, source_.metadata(*first));
    return answer.metadata != nullptr;
  }

  // --- failure ------------------------------------------------------------------------------------------------------

  Failure failure_of(const Fork& fork, const Provider& provider, const pubgrub::Solver& solver) {
    Failure failure;
    for_each_fact(solver, [&](IncompatibilityId id) {
      const pubgrub::Incompatibility& fact = solver.incompatibility(id);
      const Project* const project = provider.package(fact.terms.front().package).project;
      if (fact.cause.kind != CauseKind::unusable || project == nullptr) return false;
      const Unusable reason = provider.note(fact.cause.note).reason.kind;
      const bool is_needed =
          std::ranges::any_of(fork.needs, [&](const FileNeed& need) { return need.name == project->name; });
      if (is_needed && (reason == Unusable::tags || reason == Unusable::no_metadata))
        failure.files_of.insert(project->name);
      failure.unreadable = failure.unreadable || (is_needed && reason == Unusable::no_metadata);
      return false;
    });
    if (is_wish(fork)) return failure;  // nobody will read why
    failure.conflict = explain(provider, solver);
    if (!space_.implies(world_.everything(), fork.environments))
      append(failure.conflict.headline, " where ",
             space_.marker(space_.simplify(fork.environments, world_.everything())).to_string());
    return failure;
  }

  // The facts below the failure, those nearest to it first, until `visit` has seen enough.
  template <typename Visit>
  static void for_each_fact(const pubgrub::Solver& solver, const Visit& visit) {
    std::deque<IncompatibilityId> queue{solver.failure()};
    std::set<IncompatibilityId> seen{solver.failure()};
    while (!queue.empty()) {
      const IncompatibilityId id = queue.front();
      const pubgrub::Cause cause = solver.incompatibility(id).cause;
      queue.pop_front();
      if (cause.kind != CauseKind::conflict) {
        if (cause.kind != CauseKind::root && visit(id)) return;
        continue;
      }
      for (const IncompatibilityId side : {cause.left, cause.right})
        if (seen.insert(side).second) queue.push_back(side);
    }
  }

  // The condition of a requirement in the derivation that does not hold in all of the fork: the one nearest to the
  // conclusion.
  std::optional<MarkerSet> condition_to_split_by(const Fork& fork, const Provider& provider,
                                                 const pubgrub::Solver& solver) {
    std::optional<MarkerSet> found;
    for_each_fact(solver, [&](IncompatibilityId id) {
      const Note& note = provider.note(solver.incompatibility(id).cause.note);
      if (note.requirement != nullptr && !space_.implies(fork.environments, note.condition)) found = note.condition;
      return found.has_value();
    });
    return found;
  }

  Error too_many(const std::deque<Fork>& open) {
    std::set<std::string> markers;
    for (const Fork& fork : open)
      if (markers.size() < 8)
        markers.insert(space_.marker(space_.simplify(fork.environments, world_.everything())).to_string());
    Error error = make_error(ErrorKind::unsupported,
                             cat("the requirements split into more than ", kMostForks, " sets of environments"),
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
  Rounds rounds_;
  std::size_t forks_ = 0;
  std::vector<Preference> chosen_;  // by the forks solved so far
  struct Covered {
    std::size_t next = 0;  // release to look at next
    MarkerSet by = MarkerSpace::kNone;
    bool has_readable = false;
    int unreadable = 0;
  };
  std::map<std::pair<pep::Name, const PlatformClass*>, Covered> covered_by_any_;
  Statistics statistics_;
};

}  // namespace

Result<std::variant<Resolution, Conflict>> resolve_universal(const Problem& problem, PackageSource& source,
                                                             const CancelToken* cancel) {
  return UniversalResolver(problem, source, cancel).run();
}

}  // namespace pkg::resolver
