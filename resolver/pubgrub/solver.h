#pragma once
// The loop of PubGrub: propagate, resolve conflicts, decide. It uses the words of docs/internals/resolver.md.

#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/tasks.h"
#include "resolver/pubgrub/incompatibility.h"
#include "resolver/pubgrub/partial_solution.h"
#include "resolver/pubgrub/provider.h"

namespace pkg::resolver::pubgrub {

struct SolverStatistics {
  std::uint64_t decisions = 0, conflicts = 0, rejections = 0, learned = 0;
};

// How the solving ended. solved: solution() assigns every selected package. impossible: failure() is why. stopped: the
// provider ended it.
enum class Ending : std::uint8_t { solved, impossible, stopped };

class Solver {
 public:
  Solver();

  // A package with this many versions. `owner`: decided only after that package is, and another one than it
  // (name[extra] of name).
  PackageId add_package(std::uint32_t versions, PackageId owner = kNoPackage);
  // Memory for sets that live as long as the solver.
  SetArena& sets() { return sets_; }
  const PartialSolution& solution() const { return solution_; }

  // Versions of `package` that can never be used, with the reason `note`. Later calls with the same package and note
  // extend the set.
  void add_unusable(PackageId package, const VersionSet& values, std::uint32_t note);
  void add_unusable(PackageId package, Value value, std::uint32_t note);
  // Any other statement: these terms cannot all hold. At most one term per package.
  void add_statement(std::vector<Term> terms, std::uint32_t note);
  // If `parent` has the value (and `with`, unless kNoPackage, is selected), then `package` has one of `needed`. The set
  // belongs to sets() and is interned by the caller: dependencies of several versions on the same set become one
  // statement about all of them.
  void add_dependency(PackageId parent, Value value, PackageId with, PackageId package, const VersionSet& needed,
                      std::uint32_t note);

  // Errors: the provider's; interrupted.
  Result<Ending> solve(Provider& provider, const CancelToken* cancel = nullptr);
  IncompatibilityId failure() const { return failure_; }
  const Incompatibility& incompatibility(IncompatibilityId id) const { return incompatibilities_[id]; }
  const SolverStatistics& statistics() const { return statistics_; }
  std::uint32_t conflicts_of(PackageId package) const { return packages_[package].rejected; }

 private:
  enum class Standing { settled, unit, conflict };
  enum class Haste : std::uint8_t { early, normal, late };
  struct Package {
    PackageId owner = kNoPackage;
    std::vector<PackageId> owned;
    std::vector<IncompatibilityId> watchers;
    std::uint32_t rejected = 0, affected = 0, culprit = 0;
    Haste haste = Haste::normal;
  };
  struct DependencyKey {
    std::uint32_t parent, with, package;
    const void* needed;
    bool operator==(const DependencyKey&) const = default;
  };
  struct DependencyKeyHash {
    std::size_t operator()(const DependencyKey& key) const noexcept;
  };

  IncompatibilityId store(std::vector<Term> terms, Cause cause);
  IncompatibilityId unusable(PackageId package, std::uint32_t note);
  void attach(IncompatibilityId id);
  void detach(IncompatibilityId id);
  void watch(PackageId package, IncompatibilityId id) { packages_[package].watchers.push_back(id); }
  Standing standing(const Incompatibility& incompatibility, const Term** open) const;
  void examine(IncompatibilityId id);

  // Runs derivations to the end; the incompatibility that is violated, if one is.
  std::optional<IncompatibilityId> propagate();
  std::optional<IncompatibilityId> visit_watchers(PackageId package);
  bool resolve_conflict(IncompatibilityId conflict);
  IncompatibilityId prior_cause(IncompatibilityId left, IncompatibilityId right, PackageId over);
  bool learn_from(PackageId rejected, std::uint32_t level);
  std::uint32_t level_of_rejection(PackageId package) const;

  // Small is soon; nullopt: nothing to decide. docs/internals/resolver.md#which-package-next
  std::optional<std::uint64_t> priority(const Provider& provider, PackageId id) const;
  std::optional<PackageId> next_package(const Provider& provider);
  Status decide_next(Provider& provider, PackageId package);

  PartialSolution solution_;
  std::vector<std::pair<std::uint64_t, PackageId>>
      queue_;  // a heap; entries that are no longer true are dropped when they come up
  IdVector<PackageId, Package> packages_;
  IdVector<IncompatibilityId, Incompatibility> incompatibilities_;
  std::unordered_map<DependencyKey, IncompatibilityId, DependencyKeyHash> dependencies_;
  std::unordered_map<std::uint64_t, IncompatibilityId> unusable_;
  std::vector<IncompatibilityId> pending_unusable_;  // for solution_, at the next propagation
  std::vector<IncompatibilityId> violated_;          // found when added
  SetArena sets_;
  IncompatibilityId failure_ = kNoCause;
  SolverStatistics statistics_;
};

}  // namespace pkg::resolver::pubgrub
