#pragma once
// One run of the solver, for one fork: a solution, the parts that the fork falls into, or why there is none.

#include <cstddef>
#include <set>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/tasks.h"
#include "resolver/fork_solution.h"
#include "resolver/package_source.h"
#include "resolver/problem.h"
#include "resolver/resolution.h"
#include "resolver/rounds.h"

namespace pkg::resolver {

using Split = std::vector<MarkerSet>;

// A fork that has no solution: why, and which wishes for files had a part in it.
struct Failure {
  Conflict conflict;
  std::set<pep::Name> files_of;
  bool unreadable = false;  // a release with such files has no metadata
};

// The fork needs files for an environment that is not required.
bool is_wish(const Fork& fork);

class ForkRunner {
 public:
  ForkRunner(const Problem& problem, PackageSource& source, ForkWorld& world, const CancelToken* cancel)
      : problem_(problem),
        source_(source),
        world_(world),
        space_(world.space()),
        cancel_(cancel),
        rounds_(problem.policy.most_rounds, source) {}

  Result<std::variant<ForkSolution, Split, Failure>> run(const Fork& fork);

  // Later forks prefer what this one has; what was chosen for want of a file, those only that want files. Taken back
  // with forget(), to what there were.
  void remember(const Fork& fork, const ForkSolution& solution);
  std::size_t remembered() const { return chosen_.size(); }
  void forget(std::size_t remembered) {
    chosen_.erase(chosen_.begin() + static_cast<std::ptrdiff_t>(remembered), chosen_.end());
  }
  // What is selected where forks are run: failures tell it.
  void tell_selected(MarkerSet selected) { selected_ = selected; }

  const Statistics& statistics() const { return statistics_; }

 private:
  std::vector<Preference> preferences(const Fork& fork);
  void count(const pubgrub::Solver& solver, const Provider& provider);
  static Failure given_up(const Fork& fork, const Provider& provider);
  Failure failure_of(const Fork& fork, const Provider& provider, const pubgrub::Solver& solver);
  std::optional<MarkerSet> condition_to_split_by(const Fork& fork, const Provider& provider,
                                                 const pubgrub::Solver& solver);

  const Problem& problem_;
  PackageSource& source_;
  ForkWorld& world_;
  MarkerSpace& space_;
  const CancelToken* cancel_;
  UrlBook book_;
  Rounds rounds_;
  struct Chosen {
    Preference release;
    bool is_for_files;
  };
  std::vector<Chosen> chosen_;  // by the forks solved so far
  MarkerSet selected_ = MarkerSpace::kAll;
  Statistics statistics_;
};

}  // namespace pkg::resolver
