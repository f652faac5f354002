#pragma once
// Specifier sets as sets of versions: is one empty, does one lie within another (PEP 440).

#include "pep/specifier.h"

namespace pkg::pep {

enum class Considered { all_versions, finals_only };  // finals: neither pre- nor dev-releases
bool is_unsatisfiable(const SpecifierSet& set, Considered considered);

struct SetRelation {
  bool subset = false, superset = false,
       disjoint = false;  // of the first to the second; an empty set is a subset of any, and disjoint with any
  bool operator==(const SetRelation&) const = default;
};
SetRelation relation(const SpecifierSet& a, const SpecifierSet& b);  // pre-releases as any other version

}  // namespace pkg::pep
