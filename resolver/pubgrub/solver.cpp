// PubGrub: conflict-driven search over incompatibilities. docs/internals/resolver.md explains it from the start and
// works through an example; this is what to keep in mind while reading the loop at the end of the file.
//
// An incompatibility is a set of terms that cannot all hold: {a is 2, b is not >=2} says "a 2 depends on b>=2". The
// partial solution is a trail that narrows the values of each package, by decisions (which open a level) and by
// derivations. Three steps alternate:
//
//   propagate         all terms of an incompatibility hold but one: that one must be false, which is a derivation
//   resolve_conflict  all of its terms hold: combine it with the cause of the term that became true last (prior_cause:
//                     the resolution rule of logic), until undoing some levels leaves one term open; go back there
//   decide_next       nothing follows any more: pick a package and let the provider pick a version
//
// Invariants. Every stored incompatibility is true of the world: what is learned is implied by facts, so it is kept
// for good and tells `failure()`. Each incompatibility of two or more terms watches two of them, in terms[0] and
// terms[1]; while one of these is false, or both are open, it need not be looked at. After a backjump watches are
// still right, as undoing makes terms open and never true. The root's terms are always true and are left to the end:
// an incompatibility without others is the proof that there is no solution.
//
// Small: a 2 -> b>=2, b 2 -> c==1, root -> a, root -> c==2. Deciding a 2 derives b in {2}; {b is 2, c is not 1} derives
// that b is not 2; now {a is 2, b is not 2} is violated. Over b these two give {a is 2, c is not 1}: with c==2 known at
// level 0, a is not 2 at any time, and that is derived after going back to level 0.
//
// Speed: sets are bits in arenas that backjumps cut back, versions that depend on the same set share one
// incompatibility, facts that are settled at level 0 leave the watch lists, and the heap of packages is brought up to
// date only for those whose standing changed (docs/internals/resolver.md#conflict-heavy-packages).
#include "resolver/pubgrub/solver.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace pkg::resolver::pubgrub {

namespace {
// After this many clashes a package is decided before the one it clashes with
// (docs/internals/resolver.md#conflict-heavy-packages).
constexpr std::uint32_t kClashLimit = 5;
}  // namespace

std::size_t Solver::DependencyKeyHash::operator()(const DependencyKey& key) const noexcept {
  std::uint64_t sum = reinterpret_cast<std::uintptr_t>(key.needed);
  for (const std::uint32_t part : {key.parent, key.with, key.package})
    sum = (std::rotl(sum, 21) ^ part) * 0x9e3779b97f4a7c15ULL;
  return static_cast<std::size_t>(sum ^ (sum >> 32));
}

Solver::Solver() {
  const PackageId root = add_package(1);
  Term absent{root, sets_.empty(2)};
  absent.values.insert(1);
  attach(store({absent}, {.kind = CauseKind::root}));
}

PackageId Solver::add_package(std::uint32_t versions, PackageId owner) {
  Package package;
  package.owner = owner;
  const PackageId id = packages_.push_back(std::move(package));
  if (owner != kNoPackage) packages_[owner].owned.push_back(id);
  solution_.add_package(versions);
  return id;
}

IncompatibilityId Solver::store(std::vector<Term> terms, Cause cause) {
  return incompatibilities_.push_back(Incompatibility{std::move(terms), cause});
}

// --- facts -----------------------------------------------------------------------------------------------------------

IncompatibilityId Solver::unusable(PackageId package, std::uint32_t note) {
  const auto [known, is_new] = unusable_.try_emplace(std::uint64_t{package.value} << 32 | note, kNoCause);
  if (is_new)
    known->second = store({Term{package, sets_.empty(solution_.full(package).bits())}},
                          {.kind = CauseKind::unusable, .note = note});
  pending_unusable_.push_back(known->second);
  return known->second;
}

void Solver::add_unusable(PackageId package, const VersionSet& values, std::uint32_t note) {
  incompatibilities_[unusable(package, note)].terms[0].values.unite(values);
}

void Solver::add_unusable(PackageId package, Value value, std::uint32_t note) {
  incompatibilities_[unusable(package, note)].terms[0].values.insert(value);
}

void Solver::add_statement(std::vector<Term> terms, std::uint32_t note) {
  attach(store(std::move(terms), {.kind = CauseKind::unusable, .note = note}));
}

void Solver::add_dependency(PackageId parent, Value value, PackageId with, PackageId package, const VersionSet& needed,
                            std::uint32_t note) {
  if (package == parent && needed.contains(value)) return;  // a version that accepts itself
  const auto [known, is_new] =
      dependencies_.try_emplace(DependencyKey{parent.value, with.value, package.value, needed.identity()}, kNoCause);
  if (!is_new) {
    detach(known->second);
    for (Term& term : incompatibilities_[known->second].terms)
      if (term.package == parent) term.values.insert(value);
    attach(known->second);
    return;
  }
  std::vector<Term> terms;
  terms.push_back({parent, sets_.empty(solution_.full(parent).bits())});
  terms.back().values.insert(value);
  if (with != kNoPackage) {
    terms.push_back({with, sets_.full(solution_.full(with).bits())});
    terms.back().values.erase(terms.back().values.absent());
  }
  if (package != parent && !needed.is_empty()) {  // a term that is always true is not kept
    terms.push_back({package, sets_.copy(needed)});
    terms.back().values.complement();
  }
  known->second = store(std::move(terms), {.kind = CauseKind::dependency, .note = note});
  attach(known->second);
}

// Chooses the watched terms: those that are not true, then those that became true last. Then acts on what is already
// known.
void Solver::attach(IncompatibilityId id) {
  std::vector<Term>& terms = incompatibilities_[id].terms;
  for (Term& term : terms) term.measure();
  const auto order = [&](const Term& term) {
    return solution_.satisfies(term) ? solution_.satisfier(term).position : 0x7fffffff;
  };
  if (terms.size() > 1) {
    for (std::size_t slot = 0; slot < 2; ++slot) {
      std::size_t best = slot;
      for (std::size_t i = slot + 1; i < terms.size(); ++i)
        if (order(terms[i]) > order(terms[best])) best = i;
      std::swap(terms[slot], terms[best]);
    }
    watch(terms[1].package, id);
  }
  watch(terms[0].package, id);
  examine(id);
}

void Solver::detach(IncompatibilityId id) {
  const std::vector<Term>& terms = incompatibilities_[id].terms;
  for (std::size_t slot = 0; slot < std::min<std::size_t>(2, terms.size()); ++slot) {
    std::vector<IncompatibilityId>& watchers = packages_[terms[slot].package].watchers;
    const auto at = std::find(watchers.rbegin(), watchers.rend(), id);
    if (at != watchers.rend()) watchers.erase(std::next(at).base());  // else it was forgotten by visit_watchers
  }
}

Solver::Standing Solver::standing(const Incompatibility& incompatibility, const Term** open) const {
  *open = nullptr;
  for (const Term& term : incompatibility.terms) {
    if (solution_.satisfies(term)) continue;
    if (*open != nullptr || solution_.contradicts(term)) return Standing::settled;
    *open = &term;
  }
  return *open != nullptr ? Standing::unit : Standing::conflict;
}

void Solver::examine(IncompatibilityId id) {
  const Term* open = nullptr;
  switch (standing(incompatibilities_[id], &open)) {
    case Standing::settled:
      return;
    case Standing::unit:
      solution_.derive(*open, id);
      return;
    case Standing::conflict:
      violated_.push_back(id);
      return;
  }
}

// --- propagation -----------------------------------------------------------------------------------------------------

std::optional<IncompatibilityId> Solver::propagate() {
  for (std::size_t i = 0; i < pending_unusable_.size(); ++i) {
    const IncompatibilityId id = pending_unusable_[i];
    const Term& term = incompatibilities_[id].terms[0];
    if (solution_.satisfies(term)) {
      pending_unusable_.erase(pending_unusable_.begin(), pending_unusable_.begin() + static_cast<std::ptrdiff_t>(i));
      return id;  // stays pending: told once the conflict is resolved
    }
    solution_.exclude(term, id);
  }
  pending_unusable_.clear();
  while (!violated_.empty()) {  // it may have been settled by a backtrack since
    const IncompatibilityId id = violated_.back();
    const Term* open = nullptr;
    const Standing now = standing(incompatibilities_[id], &open);
    if (now == Standing::conflict) return id;
    violated_.pop_back();
    if (now == Standing::unit) solution_.derive(*open, id);
  }
  while (const auto package = solution_.take_changed()) {
    if (const auto conflict = visit_watchers(*package)) {
      solution_.mark_changed(*package);
      return conflict;
    }
  }
  return std::nullopt;
}

std::optional<IncompatibilityId> Solver::visit_watchers(PackageId package) {
  std::vector<IncompatibilityId>& watchers = packages_[package].watchers;
  std::size_t kept = 0;
  std::optional<IncompatibilityId> conflict;
  const bool at_start = solution_.level() == 0;
  for (std::size_t i = 0; i < watchers.size(); ++i) {
    const IncompatibilityId id = watchers[i];
    watchers[kept++] = id;
    if (conflict) continue;
    std::vector<Term>& terms = incompatibilities_[id].terms;
    if (terms.size() == 1) {
      if (solution_.satisfies(terms[0]))
        conflict = id;
      else if (!solution_.contradicts(terms[0]))
        solution_.derive(terms[0], id);
      continue;
    }
    const std::size_t mine = terms[0].package == package ? 0 : 1;
    const std::size_t other = 1 - mine;
    if (solution_.contradicts(terms[other])) {
      if (at_start) --kept;  // what is false at level 0 stays false: it need not be looked at again
      continue;
    }
    if (!solution_.satisfies(terms[mine])) {
      if (at_start && solution_.contradicts(terms[mine])) --kept;
      continue;
    }
    const auto next =
        std::find_if(terms.begin() + 2, terms.end(), [&](const Term& term) { return !solution_.satisfies(term); });
    if (next != terms.end()) {
      std::swap(terms[mine], *next);
      watch(terms[mine].package, id);
      --kept;
    } else if (solution_.satisfies(terms[other])) {
      conflict = id;
    } else {
      solution_.derive(terms[other], id);
    }
  }
  watchers.resize(kept);
  return conflict;
}

// --- conflicts -------------------------------------------------------------------------------------------------------

// The statement that follows from two others by leaving out what they say about `over`.
IncompatibilityId Solver::prior_cause(IncompatibilityId left, IncompatibilityId right, PackageId over) {
  std::vector<Term> terms;
  const auto add = [&](const Term& term) {
    for (Term& mine : terms) {
      if (mine.package != term.package) continue;
      mine.values.intersect(term.values);
      return;
    }
    terms.push_back({term.package, sets_.copy(term.values)});
  };
  for (const IncompatibilityId side : {left, right})
    for (const Term& term : incompatibilities_[side].terms)
      if (term.package != over) add(term);
  VersionSet both = sets_.copy(incompatibilities_[left].find(over)->values);
  both.unite(incompatibilities_[right].find(over)->values);
  if (!both.is_full()) terms.push_back({over, both});
  ++statistics_.learned;
  return store(std::move(terms), {.kind = CauseKind::conflict, .left = left, .right = right});
}

bool Solver::resolve_conflict(IncompatibilityId conflict) {
  ++statistics_.conflicts;
  bool is_new = false;
  while (true) {
    const Incompatibility& violated = incompatibilities_[conflict];
    // The term that became true last, and the level at which the others (and what was known of that package before)
    // were true.
    const Term* last = nullptr;
    Satisfier last_satisfier;
    std::uint32_t previous_level = 0;
    for (const Term& term : violated.terms) {
      if (term.package == kRoot) continue;
      const Satisfier satisfier = solution_.satisfier(term);
      if (last == nullptr || satisfier.position > last_satisfier.position) {
        if (last != nullptr) previous_level = std::max(previous_level, last_satisfier.level);
        last = &term, last_satisfier = satisfier;
      } else {
        previous_level = std::max(previous_level, satisfier.level);
      }
    }
    if (last == nullptr) {
      failure_ = conflict;
      return false;
    }
    const PackageId package = last->package;
    if (last_satisfier.cause != kNoCause) {
      const Term* const reason = incompatibilities_[last_satisfier.cause].find(package);
      previous_level =
          std::max(previous_level, solution_.level_without(*last, last_satisfier.position, reason->values));
    }
    if (last_satisfier.level > previous_level) {
      solution_.backtrack(previous_level);
      if (is_new)
        attach(conflict);
      else
        examine(conflict);
      learn_from(package, previous_level);
      return true;
    }
    conflict = prior_cause(conflict, last_satisfier.cause, package);
    is_new = true;
  }
}

// Clashes are counted. A package that keeps being rejected because of an earlier decision is from then on decided
// before that one. True: so it was, and that decision is undone.
bool Solver::learn_from(PackageId rejected, std::uint32_t level) {
  ++packages_[rejected].rejected;
  if (level <= 1) return false;
  const PackageId culprit = solution_.decided_at(level);
  if (culprit == rejected || ++packages_[rejected].affected < kClashLimit || packages_[rejected].haste == Haste::early)
    return false;
  packages_[rejected].haste = Haste::early;
  packages_[rejected].affected = 0;
  if (packages_[culprit].haste == Haste::normal) packages_[culprit].haste = Haste::late;
  solution_.backtrack(level - 1);
  solution_.touch(rejected);
  solution_.touch(culprit);
  return true;
}

// The level at which the package was decided whose versions stand against those of `package` that were ruled out last.
// They may be ruled out whatever it is decided to be; a package that clashes with it so often had better be decided
// first all the same.
std::uint32_t Solver::level_of_rejection(PackageId package) const {
  const IncompatibilityId cause = solution_.latest_cause(package);
  if (cause == kNoCause) return 0;
  std::uint32_t level = 0;
  for (const Term& term : incompatibilities_[cause].terms)
    if (term.package != package && solution_.is_decided(term.package))
      level = std::max(level, solution_.latest_level(term.package));
  return level;
}

// --- decisions -------------------------------------------------------------------------------------------------------

std::optional<std::uint64_t> Solver::priority(const Provider& provider, PackageId id) const {
  if (!solution_.is_positive(id) || solution_.is_decided(id)) return std::nullopt;
  const Package& package = packages_[id];
  if (package.owner != kNoPackage) {  // no choice: its owner's version is its own
    if (!solution_.is_decided(package.owner)) return std::nullopt;
    return id.value;
  }
  const std::uint64_t several = solution_.domain(id).is_single() ? 0 : 1;
  return (std::uint64_t{provider.rank(id)} + 1) << 40 | several << 36 |
         static_cast<std::uint64_t>(package.haste) << 32 | id.value;
}

std::optional<PackageId> Solver::next_package(const Provider& provider) {
  const auto later = [](const auto& a, const auto& b) { return a.first > b.first; };
  const auto add = [&](PackageId id) {
    const auto key = priority(provider, id);
    if (!key) return;
    queue_.emplace_back(*key, id);
    std::push_heap(queue_.begin(), queue_.end(), later);
  };
  if (queue_.size() > 4 * solution_.positive().size() + 256) {
    queue_.clear();
    for (const PackageId id : solution_.positive()) add(id);
  }
  for (const PackageId id : solution_.touched()) {
    add(id);
    if (solution_.is_decided(id))
      for (const PackageId owned : packages_[id].owned) add(owned);
  }
  solution_.forget_touched();
  while (!queue_.empty()) {
    const auto [key, id] = queue_.front();
    if (priority(provider, id) == key) return id;  // stays in the queue until it is decided or its standing changes
    std::pop_heap(queue_.begin(), queue_.end(), later);
    queue_.pop_back();
  }
  return std::nullopt;
}

Status Solver::decide_next(Provider& provider, PackageId package) {
  while (true) {
    const VersionSet& domain = solution_.domain(package);
    if (domain.is_empty()) return ok_status();
    PKG_TRY_ASSIGN(const auto version, provider.choose(*this, package, domain));
    if (!version) return ok_status();  // what was added says why, or the provider has stopped
    PKG_TRY(provider.add_dependencies(*this, package, *version));
    if (!pending_unusable_.empty() || provider.has_stopped()) return ok_status();
    const bool is_out = !solution_.domain(package).contains(*version);
    if (!is_out && violated_.empty()) {
      solution_.decide(package, *version);
      ++statistics_.decisions;
      return ok_status();
    }
    ++statistics_.rejections;
    if (!violated_.empty()) {
      ++packages_[package].rejected;
      return ok_status();
    }
    if (learn_from(package, level_of_rejection(package))) return ok_status();
  }
}

Result<Ending> Solver::solve(Provider& provider, const CancelToken* cancel) {
  while (true) {
    while (const auto conflict = propagate()) {
      if (!resolve_conflict(*conflict)) return Ending::impossible;
      PKG_TRY(provider.next_round(*this));
      if (cancel != nullptr && cancel->is_cancelled()) return make_error(ErrorKind::interrupted, "interrupted");
    }
    if (cancel != nullptr && cancel->is_cancelled()) return make_error(ErrorKind::interrupted, "interrupted");
    const auto package = next_package(provider);
    if (!package) return Ending::solved;
    PKG_TRY(provider.next_round(*this));
    PKG_TRY(decide_next(provider, *package));
    if (provider.has_stopped()) return Ending::stopped;
  }
}

}  // namespace pkg::resolver::pubgrub
