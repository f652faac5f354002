#pragma once
// Poetry's version constraints (`^1.2`, `~1.2`, `1.*`, `>=1,<2 || >=3`) as version specifiers (PEP 440) and as markers.

#include <string_view>
#include <vector>

#include "base/result.h"
#include "pep/marker.h"
#include "pep/specifier.h"

namespace pkg::ops {

struct PoetryConstraint {
  std::vector<pep::SpecifierSet>
      any_of;  // one of them holds, in the order of the text; an empty set accepts everything
};

// An empty text and `*` accept everything. bad_data: a part that is no constraint.
Result<PoetryConstraint> parse_poetry_constraint(std::string_view text);

// One set for all alternatives: gaps between them become `!=` where that can say it.
struct SpecifiersFor {
  pep::SpecifierSet specifiers;
  bool is_exact = true;  // false: `specifiers` also accepts versions that the constraint does not
};
SpecifiersFor specifiers_for(const PoetryConstraint& constraint);

// The same, said of the Python that runs. Trivial: every Python.
pep::Marker python_marker(const PoetryConstraint& constraint);

}  // namespace pkg::ops
