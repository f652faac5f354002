#pragma once
// Specifier sets as sets of versions: is one empty, is it one version, does one lie within another (PEP 440).

#include <optional>

#include "pep/specifier.h"

namespace pkg::pep {

enum class Considered { all_versions, finals_only };  // finals: neither pre- nor dev-releases
bool is_unsatisfiable(const SpecifierSet& set, Considered considered);

struct SetRelation {
  bool subset = false, superset = false,
       disjoint = false;  // of the first to the second; an empty set is a subset of any, and disjoint with any
  bool operator==(const SetRelation&) const = default;
};
// It allows one version and no other: a part is == without ".*", or ===.
bool is_pin(const SpecifierSet& set);
// The version of a set that is one such part alone. nullopt: another set, or === with what is no version.
std::optional<Version> pinned_version(const SpecifierSet& set);

SetRelation relation(const SpecifierSet& a, const SpecifierSet& b);  // pre-releases as any other version

}  // namespace pkg::pep
