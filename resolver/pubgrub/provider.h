#pragma once
// What the loop of PubGrub asks about the world: three questions, in terms of package ids.

#include <optional>

#include "base/result.h"
#include "resolver/pubgrub/term.h"

namespace pkg::resolver::pubgrub {

class Solver;

class Provider {
 public:
  virtual ~Provider() = default;
  // The best usable version of `package` among `allowed`. Versions found unusable on the way are reported with
  // Solver::add_unusable. nullopt: all of `allowed` has been reported.
  // An error ends the solving: what the source of packages failed with (network, io, interrupted …).
  virtual Result<std::optional<Value>> choose(Solver& solver, PackageId package, const VersionSet& allowed) = 0;
  // Called before `package` is decided to be `value`: tells what this needs with Solver::add_dependency, unless it has
  // already. Errors as choose(): network, io, interrupted …
  virtual Status add_dependencies(Solver& solver, PackageId package, Value value) = 0;
  // A small number: packages of a lower rank are decided first, whatever else speaks for them. 0 for all is fine.
  virtual std::uint32_t rank(PackageId package) const = 0;
  // Called for each decision and each conflict. An error ends the solving; unsupported: too many rounds.
  virtual Status next_round(const Solver& solver) {
    (void)solver;
    return ok_status();
  }
  // Looked at after each answer. True: what was solved so far is void, and the solving ends; the provider knows why.
  virtual bool has_stopped() const { return false; }
};

}  // namespace pkg::resolver::pubgrub
