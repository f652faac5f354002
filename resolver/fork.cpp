#include "resolver/fork.h"

#include <algorithm>
#include <utility>

#include "pep/old_metadata.h"

namespace pkg::resolver {

using pep::MarkerNode;
using pep::MarkerVariable;

ForkWorld::ForkWorld(const Universe& universe)
    : universe_(universe),
      guarded_(space_),
      selectable_(selectable()),
      coverage_(space_, universe),
      everything_(make_everything()) {}

MarkerSet ForkWorld::selectable() {
  const auto sets = memberships_of(universe_.conflicts);
  for (const auto& set : sets)
    for (const pep::MarkerAtom& member : set) guarded_.keep_in_diagrams(member);
  return space_.at_most_one_of(sets);
}

MarkerSet ForkWorld::make_everything() {
  MarkerSet set = space_.both(space_.known_platforms(), space_.of_python(universe_.requires_python));
  set = space_.both(set, selectable_);
  if (universe_.environments.empty()) return set;
  MarkerSet any = MarkerSpace::kNone;
  for (const pep::Marker& marker : universe_.environments) any = space_.either(any, space_.of(marker));
  return space_.both(set, any);
}

ForkWorld::Known& ForkWorld::known(const pep::Marker& marker) {
  const auto [known, is_new] = known_.try_emplace(marker.nodes().data());
  if (is_new) {
    const MarkerSet set = space_.of(marker);
    known->second = {marker, set, !universe_.conflicts.empty() && !space_.choices_in({&set, 1}).empty(), {}};
  }
  return known->second;
}

namespace {

// Whether a marker can hold with these extras, whatever the environment. Markers know no "not": taking what is unknown
// for true errs on one side only.
bool can_hold(const pep::Marker& marker, std::span<const pep::Name> extras) {
  const auto nodes = marker.nodes();
  std::vector<bool> holds(nodes.size());
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const MarkerNode& node = nodes[i];
    const auto child = [&](std::uint32_t c) { return holds[c]; };
    switch (node.kind) {
      case MarkerNode::Kind::atom:
        holds[i] = node.atom.variable != MarkerVariable::extra || node.atom.op != pep::MarkerOperator::equal ||
                   std::any_of(extras.begin(), extras.end(),
                               [&](const pep::Name& extra) { return extra.str() == node.atom.literal; });
        break;
      case MarkerNode::Kind::all:
        holds[i] = std::all_of(node.children.begin(), node.children.end(), child);
        break;
      case MarkerNode::Kind::any:
        holds[i] = std::any_of(node.children.begin(), node.children.end(), child);
        break;
    }
  }
  return holds.back();
}

}  // namespace

MarkerSet ForkWorld::condition(const pep::Marker& marker, std::span<const pep::Name> extras) {
  if (marker.is_trivial()) return MarkerSpace::kAll;
  if (!marker.mentions_extra()) {
    const Known& entry = known(marker);
    return entry.has_choice && !assumed_.empty() ? space_.given(entry.set, assumed_) : entry.set;
  }
  if (!can_hold(marker, extras)) return MarkerSpace::kNone;
  const auto decided = [&](MarkerSet set) {
    for (const pep::Name& extra : extras) set = space_.with_extra(set, extra, true);
    return space_.without_extras(set);
  };
  Known& entry = known(marker);
  if (extras.size() > 1) return decided(entry.set);
  const auto [answer, is_new] = entry.with_extra.try_emplace(extras.empty() ? pep::Name() : extras.front());
  if (is_new) answer->second = decided(entry.set);
  return answer->second;
}

void ForkWorld::keep_in_diagrams(const std::set<std::string>& memberships) {
  guarded_.keep_in_diagrams(memberships);
  guarded_markers_.clear();
}

void ForkWorld::assume(std::map<ChoiceId, ChoiceSelection> decided) {
  assumed_ = std::move(decided);
  guarded_markers_.clear();
}

const GuardedSet& ForkWorld::guarded(const pep::Marker& marker) {
  const auto [known, is_new] = guarded_markers_.try_emplace(marker.nodes().data());
  if (is_new) known->second = {marker, guarded_.given(guarded_.of(marker), assumed_)};
  return known->second.set;
}

MarkerSet ForkWorld::python_of(const pep::SpecifierSet& requires_python) {
  return requires_python.empty() ? MarkerSpace::kAll : python_of(requires_python.to_string());
}

MarkerSet ForkWorld::python_of(const std::string& requires_python) {
  if (requires_python.empty()) return MarkerSpace::kAll;
  const auto [known, is_new] = pythons_.try_emplace(requires_python, MarkerSpace::kAll);
  if (is_new)
    if (const auto set = pep::read_requires_python(requires_python))
      known->second = space_.of_python(*set, !universe_.strict_requires_python);
  return known->second;
}

}  // namespace pkg::resolver
