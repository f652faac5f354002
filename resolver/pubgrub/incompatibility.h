#pragma once
// Incompatibilities: terms that cannot all hold, and why. docs/internals/resolver.md#incompatibilities.

#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "resolver/pubgrub/term.h"

namespace pkg::resolver::pubgrub {

struct IncompatibilityTag;
using IncompatibilityId = Id<IncompatibilityTag>;
inline constexpr IncompatibilityId kNoCause{0xffffffff};

// The closed set of causes. `note` is the provider's: it knows which requirement or which reason is meant.
enum class CauseKind : std::uint8_t {
  root,        // the root package is wanted
  dependency,  // a version of a package requires something of another
  unusable,    // these versions of a package cannot be used
  conflict,    // follows from `left` and `right`
};
struct Cause {
  CauseKind kind = CauseKind::root;
  std::uint32_t note = 0;
  IncompatibilityId left = kNoCause, right = kNoCause;
};

// One term per package. The first two terms are the watched ones (Solver), so their order is no property of the
// statement.
struct Incompatibility {
  std::vector<Term> terms;
  Cause cause;
  const Term* find(PackageId package) const {
    for (const Term& term : terms)
      if (term.package == package) return &term;
    return nullptr;
  }
};

}  // namespace pkg::resolver::pubgrub
