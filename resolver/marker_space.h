#pragma once
// Marker algebra: sets of environments as decision diagrams over the marker variables. See
// docs/internals/resolver.md#marker-algebra.
//
// Diagrams are hash-consed: two sets are equal exactly when their handles are. Variables are ordered; version variables
// branch on disjoint intervals, texts on finite sets and their complement, everything else is a boolean of its own.

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "pep/environment.h"
#include "pep/marker.h"
#include "pep/name.h"
#include "pep/specifier.h"

namespace pkg::resolver {

// Of a variable that says which of some conflicting extras are selected: docs/internals/resolver.md#marker-algebra.
using ChoiceId = std::uint32_t;
using ChoiceSelection = std::uint32_t;
inline constexpr ChoiceSelection kNothingSelected = std::numeric_limits<ChoiceSelection>::max();

// A set of environments; belongs to the space that made it.
struct MarkerSet {
  std::uint32_t id = 1;
  bool operator==(const MarkerSet&) const = default;
};

// Not thread-safe. Grows with every question.
class MarkerSpace {
 public:
  static constexpr MarkerSet kNone{0}, kAll{1};

  MarkerSpace();
  ~MarkerSpace();
  MarkerSpace(const MarkerSpace&) = delete;
  MarkerSpace& operator=(const MarkerSpace&) = delete;

  MarkerSet of(const pep::Marker& marker);
  // The Pythons that a Requires-Python accepts; `lower_bounds_only`: upper bounds and exclusions
  // are ignored.
  MarkerSet of_python(const pep::SpecifierSet& requires_python, bool lower_bounds_only = false);
  // sys_platform, os_name and platform_system agree with each other, as do implementation_name and
  // platform_python_implementation. An assumption to be conjoined by who makes it.
  MarkerSet known_platforms();

  // Of each set of memberships (`"x" in extras`) at most one is selected: where that holds, which from now on is
  // nearly everywhere, because others are not even thought of. Precondition: no question spoke of them yet.
  MarkerSet at_most_one_of(std::span<const std::vector<pep::MarkerAtom>> sets);

  // The choices made of them; each has so many selections, and may have none.
  std::set<ChoiceId> choices() const;
  ChoiceSelection selections_of(ChoiceId choice) const;
  std::string choice_text(ChoiceId choice) const;  // its members
  MarkerSet chosen(ChoiceId choice, ChoiceSelection selection);
  std::set<ChoiceId> choices_in(std::span<const MarkerSet> sets) const;  // that they ask about
  // The set with some choices decided, which it then does not ask about.
  MarkerSet given(MarkerSet set, const std::map<ChoiceId, ChoiceSelection>& decided);

  MarkerSet both(MarkerSet a, MarkerSet b);
  MarkerSet either(MarkerSet a, MarkerSet b);
  MarkerSet negation(MarkerSet a);
  MarkerSet without(MarkerSet a, MarkerSet b);
  bool disjoint(MarkerSet a, MarkerSet b);
  bool implies(MarkerSet a, MarkerSet b);

  // `extra == "name"` decided: true or false.
  MarkerSet with_extra(MarkerSet set, const pep::Name& extra, bool value);
  // No extra beyond those decided holds.
  MarkerSet without_extras(MarkerSet set);

  // The memberships in the project's extras and groups that the sets ask about, as texts; without choices.
  std::set<std::string> memberships_in(std::span<const MarkerSet> sets) const;
  // The oldest Python in the set, as a number that grows with it; 0: no lower bound.
  std::uint64_t lowest_python(MarkerSet set);
  // The same set, with nothing said about anything but the Python.
  MarkerSet python_range_of(MarkerSet set);

  // A small set that agrees with `set` wherever `assumption` holds.
  MarkerSet simplify(MarkerSet set, MarkerSet assumption);
  // The shortest readable marker found for the set; kAll gives the trivial marker. Precondition: not kNone.
  pep::Marker marker(MarkerSet set);
  // Nodes of all diagrams together: what a growth is measured by.
  std::size_t size() const;
  bool contains(MarkerSet set, const pep::MarkerContext& environment);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pkg::resolver
