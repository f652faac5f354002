#include "resolver/fork_run.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <utility>

#include "base/text.h"
#include "resolver/explain.h"
#include "resolver/provider.h"
#include "resolver/pubgrub/solver.h"

namespace pkg::resolver {

using pubgrub::CauseKind;
using pubgrub::IncompatibilityId;

namespace {

constexpr std::size_t kMostUnreadableTried = 8;  // releases without metadata, until a wish is given up

template <typename Visit>
void for_each_fact(const pubgrub::Solver& solver, const Visit& visit) {
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

}  // namespace

bool is_wish(const Fork& fork) {
  return std::ranges::any_of(fork.needs, [](const FileNeed& need) { return !need.platform->required; });
}

Result<std::variant<ForkSolution, Split, Failure>> ForkRunner::run(const Fork& fork) {
  using Outcome = std::variant<ForkSolution, Split, Failure>;
  const std::vector<Preference> preferred = preferences(fork);
  bool builds_wait = true;
  while (true) {
    pubgrub::Solver solver;
    Provider provider(problem_, source_, book_, world_, fork, preferred);
    provider.count_with(rounds_);
    if (builds_wait) provider.put_off_builds();
    if (is_wish(fork)) provider.give_up_after(kMostUnreadableTried);
    const auto ending = solver.solve(provider, cancel_);
    count(solver, provider);
    if (!ending) return ending.error();
    if (provider.stop() == Provider::Stop::world_has_grown) continue;
    if (provider.stop() == Provider::Stop::must_split) return Outcome(provider.parts());
    if (provider.stop() == Provider::Stop::has_given_up) return Outcome(given_up(fork, provider));
    if (*ending == pubgrub::Ending::solved) return Outcome(fork_solution(provider, solver));
    if (provider.has_put_off()) {
      builds_wait = false;
      continue;
    }
    if (const auto condition = condition_to_split_by(fork, provider, solver))
      return Outcome(Split{space_.both(fork.environments, *condition), space_.without(fork.environments, *condition)});
    return Outcome(failure_of(fork, provider, solver));
  }
}

void ForkRunner::count(const pubgrub::Solver& solver, const Provider& provider) {
  statistics_.decisions += solver.statistics().decisions;
  statistics_.conflicts += solver.statistics().conflicts;
  statistics_.listings = std::max(statistics_.listings, provider.listings_asked());
  statistics_.metadata = std::max(statistics_.metadata, provider.metadata_asked());
}

// What the caller prefers for all of the fork comes first, then what earlier forks chose, then what the caller
// prefers for some of it: so an old lock leads to itself.
std::vector<Preference> ForkRunner::preferences(const Fork& fork) {
  std::vector<Preference> preferred, partly;
  for (const Preference& preference : problem_.preferences)
    (world_.guarded().covers(world_.guarded(preference.marker), fork.environments) ? preferred : partly)
        .push_back(preference);
  for (const Chosen& chosen : chosen_)
    if (!chosen.is_for_files || !fork.needs.empty()) preferred.push_back(chosen.release);
  preferred.insert(preferred.end(), partly.begin(), partly.end());
  return preferred;
}

void ForkRunner::remember(const Fork& fork, const ForkSolution& solution) {
  const bool is_for_files = !fork.needs.empty();
  for (const ForkNode& node : solution.nodes)
    if (!node.direct && std::ranges::none_of(chosen_, [&](const Chosen& known) {
          return known.is_for_files <= is_for_files && known.release.name == node.name &&
                 known.release.version == node.version;
        }))
      chosen_.push_back({{node.name, node.version}, is_for_files});
}

// The releases that may have the files cannot be read.
Failure ForkRunner::given_up(const Fork& fork, const Provider& provider) {
  Failure failure;
  failure.unreadable = true;
  for (const FileNeed& need : fork.needs)
    if (provider.unreadable().contains(need.name)) failure.files_of.insert(need.name);
  return failure;
}

Failure ForkRunner::failure_of(const Fork& fork, const Provider& provider, const pubgrub::Solver& solver) {
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
  const MarkerSet where = space_.both(fork.environments, selected_);
  if (!space_.implies(world_.everything(), where))
    append(failure.conflict.headline, " where ",
           space_.marker(space_.simplify(where, world_.everything())).to_string());
  return failure;
}

// The condition of a requirement in the derivation that does not hold in all of the fork: the one nearest to the
// conclusion.
std::optional<MarkerSet> ForkRunner::condition_to_split_by(const Fork& fork, const Provider& provider,
                                                           const pubgrub::Solver& solver) {
  std::optional<MarkerSet> found;
  for_each_fact(solver, [&](IncompatibilityId id) {
    const Note& note = provider.note(solver.incompatibility(id).cause.note);
    if (note.requirement != nullptr && !space_.implies(fork.environments, note.condition)) found = note.condition;
    return found.has_value();
  });
  return found;
}

}  // namespace pkg::resolver
