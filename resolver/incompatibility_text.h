#pragma once
// One incompatibility as a clause of a sentence.

#include <string>

#include "resolver/provider.h"
#include "resolver/pubgrub/solver.h"
#include "resolver/range_text.h"

namespace pkg::resolver {

class IncompatibilityText {
 public:
  IncompatibilityText(const Provider& provider, const pubgrub::Solver& solver)
      : provider_(provider), solver_(solver), ranges_(provider, solver) {}
  std::string of(const pubgrub::Incompatibility& incompatibility) const;

 private:
  std::string dependency(const pubgrub::Incompatibility& incompatibility, const Note& note) const;
  std::string unusable(const pubgrub::Incompatibility& incompatibility, const Note& note) const;
  std::string derived(const pubgrub::Incompatibility& incompatibility) const;

  const Provider& provider_;
  const pubgrub::Solver& solver_;
  RangeText ranges_;
};

}  // namespace pkg::resolver
