#include "resolver/fork.h"

#include <algorithm>

namespace pkg::resolver {

using pep::MarkerNode;
using pep::MarkerVariable;

ForkWorld::ForkWorld(const Universe& universe)
    : universe_(universe), coverage_(space_, universe), everything_(make_everything()) {}

MarkerSet ForkWorld::make_everything() {
  MarkerSet set = space_.both(space_.known_platforms(), space_.of_python(universe_.requires_python));
  if (!universe_.environments.empty()) {
    MarkerSet any = MarkerSpace::kNone;
    for (const pep::Marker& marker : universe_.environments) any = space_.either(any, space_.of(marker));
    set = space_.both(set, any);
  }
  for (const auto& exclusive : universe_.conflicts)
    for (std::size_t i = 0; i < exclusive.size(); ++i)
      for (std::size_t j = i + 1; j < exclusive.size(); ++j) {
        const auto selected = [&](const ConflictItem& item) {
          return space_.of(item.is_group ? pep::in_dependency_groups(item.name) : pep::in_extras(item.name));
        };
        set = space_.without(set, space_.both(selected(exclusive[i]), selected(exclusive[j])));
      }
  return set;
}

MarkerSet ForkWorld::set_of(const pep::Marker& marker) {
  const auto [known, is_new] = known_.try_emplace(marker.nodes().data());
  if (is_new) known->second = {marker, space_.of(marker), std::nullopt};
  return known->second.set;
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
  if (!marker.mentions_extra()) return set_of(marker);
  if (!can_hold(marker, extras)) return MarkerSpace::kNone;
  MarkerSet set = set_of(marker);
  for (const pep::Name& extra : extras) set = space_.with_extra(set, extra, true);
  return space_.without_extras(set);
}

MarkerSet ForkWorld::python_of(const pep::SpecifierSet& requires_python) {
  return requires_python.empty() ? MarkerSpace::kAll : python_of(requires_python.to_string());
}

MarkerSet ForkWorld::python_of(const std::string& requires_python) {
  if (requires_python.empty()) return MarkerSpace::kAll;
  const auto [known, is_new] = pythons_.try_emplace(requires_python, MarkerSpace::kAll);
  if (is_new)
    if (const auto set = pep::SpecifierSet::try_parse(requires_python))
      known->second = space_.of_python(*set, !universe_.strict_requires_python);
  return known->second;
}

}  // namespace pkg::resolver
