#pragma once
// Solves for a region of the universe, by forks that split where they must.
// docs/internals/resolver.md#universal-resolution

#include <deque>
#include <optional>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "base/result.h"
#include "resolver/fork_run.h"
#include "resolver/missing_files.h"

namespace pkg::resolver {

class RegionSolver {
 public:
  RegionSolver(const Problem& problem, PackageSource& source, ForkWorld& world, const CancelToken* cancel)
      : problem_(problem),
        world_(world),
        space_(world.space()),
        runner_(problem, source, world, cancel),
        missing_(problem, source, world) {}

  // The solutions found cover the region together. A Failure: some part of it has none. unsupported: too many forks.
  // internal: the region falls apart by choices that it does not decide, see choices_met(); the solutions found count
  // for nothing.
  Result<std::optional<Failure>> solve(MarkerSet region, std::vector<ForkSolution>& solutions);
  // What was chosen so far is forgotten.
  void start_again();
  void tell_selected(MarkerSet selected) { runner_.tell_selected(selected); }
  const std::set<ChoiceId>& choices_met() const { return choices_met_; }

  std::size_t forks() const { return forks_; }
  const Statistics& statistics() const { return runner_.statistics(); }

 private:
  Split parts_of_old_lock(MarkerSet region);
  Result<std::optional<Failure>> resolve(Fork region, std::vector<ForkSolution>& solutions);
  bool meets_choices(const Split& parts);
  void put_in_front(std::deque<Fork>& open, const Fork& fork, const Split& parts);
  void refine(Split& parts, MarkerSet by);
  Split split_by_python(const Fork& fork, const ForkSolution& solution);
  MarkerSet python_of_files(const ForkNode& node);

  struct Attempt {
    MarkerSet covered = MarkerSpace::kNone;  // where there are other solutions now
    std::optional<Failure> failure;          // why not everywhere
  };
  Result<std::optional<Failure>> cover_platforms(Fork fork, ForkSolution solution,
                                                 std::vector<ForkSolution>& solutions);
  Result<Attempt> cover(const Fork& fork, const PlatformClass& platform, std::span<const FileNeed> needs,
                        const std::vector<FileNeed>& lacking, std::vector<ForkSolution>& solutions);
  Result<std::optional<Failure>> solve_with(const Fork& fork, MarkerSet region, std::span<const FileNeed> needs,
                                            const std::vector<FileNeed>& lacking, std::vector<ForkSolution>& solutions);
  bool was_lacking(const Fork& fork, std::span<const FileNeed> needs);
  static Failure made_worse(const Fork& fork);
  static void waive(Fork& fork, const PlatformClass& platform, std::span<const FileNeed> needs,
                    const std::set<pep::Name>& named);
  Error too_many();

  const Problem& problem_;
  ForkWorld& world_;
  MarkerSpace& space_;
  ForkRunner runner_;
  MissingFiles missing_;
  std::size_t forks_ = 0;
  std::vector<std::pair<MarkerSet, MarkerSet>> splits_;  // a fork, and its part where a condition holds
  std::set<ChoiceId> choices_met_;
};

}  // namespace pkg::resolver
