#pragma once
// Where something is installed, with the project's extras and groups kept out of the diagrams.
// docs/internals/resolver.md#guarded-sets

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "pep/marker.h"
#include "resolver/marker_space.h"

namespace pkg::resolver {

using Guard = std::uint32_t;  // a membership, such as `"x" in extras`; kAlways: none
inline constexpr Guard kAlways = 0;

// The disjunction of (guard and environments), sorted by guard; nothing in it is empty or lies within the part without
// a guard. Belongs to the GuardedSets that made it.
struct GuardedSet {
  std::vector<std::pair<Guard, MarkerSet>> parts;
  bool is_empty() const { return parts.empty(); }
  bool operator==(const GuardedSet&) const = default;
};

class GuardedSets {
 public:
  explicit GuardedSets(MarkerSpace& space) : space_(space) {}

  // Memberships that diagrams ask about, so that they are no guards: in what is read from now on, and in flattened().
  void keep_in_diagrams(const pep::MarkerAtom& membership) { kept_.insert(pep::to_string(membership)); }
  void keep_in_diagrams(const std::set<std::string>& memberships) {
    kept_.insert(memberships.begin(), memberships.end());
  }

  GuardedSet always(MarkerSet environments) const;
  GuardedSet of(const pep::Marker& marker);
  // Guards that are kept in diagrams have become part of the environments.
  GuardedSet flattened(const GuardedSet& set);

  // Whether it has grown.
  bool grow(GuardedSet& set, const GuardedSet& by);
  GuardedSet meet(const GuardedSet& set, MarkerSet environments);
  // Each part as far as the other set holds under the part's guard and no other one.
  GuardedSet meet(const GuardedSet& set, const GuardedSet& other);
  GuardedSet without(const GuardedSet& set, const GuardedSet& other);
  GuardedSet given(const GuardedSet& set, const std::map<ChoiceId, ChoiceSelection>& decided);

  // Where it holds under some selection.
  MarkerSet hull(const GuardedSet& set);
  // Where it holds when what `guard` says is selected and nothing else.
  MarkerSet under(const GuardedSet& set, Guard guard);
  // Whether it holds in all (in some) of the environments; diagrams may ask about guards there.
  bool covers(const GuardedSet& set, MarkerSet environments);
  bool meets(const GuardedSet& set, MarkerSet environments);

  const pep::MarkerAtom& atom_of(Guard guard) const { return atoms_[guard - 1]; }

 private:
  std::optional<Guard> guard_of(const pep::MarkerNode& node);
  // The guards of a disjunction of memberships; empty: it is something else.
  std::vector<Guard> guards_of(std::span<const pep::MarkerNode> nodes, std::uint32_t node);
  MarkerSet literal(Guard guard);
  GuardedSet sorted(std::vector<std::pair<Guard, MarkerSet>> parts);

  MarkerSpace& space_;
  std::set<std::string> kept_;
  std::vector<pep::MarkerAtom> atoms_;  // of the guards but kAlways
  std::unordered_map<std::string, Guard> guards_;
};

}  // namespace pkg::resolver
