#pragma once
// Releases of a solution that have no usable file on a platform they are installed on, where others have one.

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "base/result.h"
#include "resolver/fork_solution.h"
#include "resolver/package_source.h"
#include "resolver/problem.h"

namespace pkg::resolver {

class MissingFiles {
 public:
  MissingFiles(const Problem& problem, PackageSource& source, ForkWorld& world)
      : problem_(problem), source_(source), world_(world), space_(world.space()) {}

  // Errors: the source's.
  Result<std::vector<FileNeed>> of(const Fork& fork, const ForkSolution& solution, const PlatformClass& platform);
  Result<std::vector<FileNeed>> of(const Fork& fork, const ForkSolution& solution);  // on all platforms

 private:
  static bool is_settled(const Fork& fork, const pep::Name& name, const PlatformClass& platform);
  bool is_preferred(const ForkNode& node, MarkerSet environments);
  Result<MarkerSet> covered_by_others(const ForkNode& node, const PlatformClass& platform, MarkerSet missing);
  Result<MarkerSet> covered_by_release(const ForkNode& node, std::size_t number, const Release& release,
                                       const PlatformClass& platform);
  Result<bool> is_readable(const ForkNode& node, std::size_t release);
  PackageSource& source_of(const ForkNode& node) { return node.index.empty() ? source_ : source_.from(node.index); }

  const Problem& problem_;
  PackageSource& source_;
  ForkWorld& world_;
  MarkerSpace& space_;
  struct Covered {
    std::size_t next = 0;  // release to look at next
    MarkerSet by = MarkerSpace::kNone;
    bool has_readable = false;
    int unreadable = 0;
  };
  std::map<std::tuple<pep::Name, std::string, const PlatformClass*>, Covered> covered_by_any_;  // by project and index
};

}  // namespace pkg::resolver
