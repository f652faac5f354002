#pragma once
// How long a resolution may go on. Counted, not timed: the same problem ends the same way on every machine.

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "resolver/package_source.h"

namespace pkg::resolver {

// A round is a decision or a conflict. One object counts those of all runs of the solver for an answer.
class Rounds {
 public:
  Rounds(std::uint64_t most, PackageSource& source) : most_(most), source_(source) {}

  // False: that was one too many.
  bool next(std::size_t decided) {
    if (++done_ % kTold == 0) source_.still_resolving(done_, decided);
    return done_ <= most_;
  }

  // unsupported: names the projects that were rejected most, worst first.
  Error too_many(const std::vector<std::string>& rejected_most) const;

 private:
  static constexpr std::uint64_t kTold = std::uint64_t{1} << 16;
  std::uint64_t most_, done_ = 0;
  PackageSource& source_;
};

}  // namespace pkg::resolver
