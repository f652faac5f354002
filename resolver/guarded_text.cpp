// What holds without a guard is written as any set is. Of every other part only what that leaves open is written, and
// guards that come with the same condition share it:
//
//   python_version < "3.9" or "c" in extras or ("a" in extras or "b" in extras) and sys_platform == "win32"
#include "resolver/guarded_text.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

namespace pkg::resolver {

using pep::Marker;
using pep::MarkerNode;

namespace {

// All or any of some markers; those of the same kind are taken apart.
Marker joined(MarkerNode::Kind kind, std::span<const Marker> markers) {
  std::vector<MarkerNode> nodes;
  MarkerNode root;
  root.kind = kind;
  for (const Marker& marker : markers) {
    const auto own = marker.nodes();
    const auto offset = static_cast<std::uint32_t>(nodes.size());
    const bool is_same = own.back().kind == kind;
    for (const MarkerNode& node : is_same ? own.first(own.size() - 1) : own) {
      nodes.push_back(node);
      for (std::uint32_t& child : nodes.back().children) child += offset;
    }
    if (is_same)
      for (const std::uint32_t child : own.back().children) root.children.push_back(child + offset);
    else
      root.children.push_back(static_cast<std::uint32_t>(nodes.size() - 1));
  }
  if (markers.size() == 1) return markers.front();
  nodes.push_back(std::move(root));
  return Marker::from_nodes(std::move(nodes));
}

// The alternatives of a marker as markers.
std::vector<Marker> alternatives_of(const Marker& marker) {
  const auto nodes = marker.nodes();
  if (nodes.empty() || nodes.back().kind != MarkerNode::Kind::any) return {marker};
  std::vector<Marker> alternatives;
  std::uint32_t first = 0;
  // The nodes of an alternative stand together, its root last: so are markers made.
  for (const std::uint32_t root : nodes.back().children) {
    std::vector<MarkerNode> own(nodes.begin() + first, nodes.begin() + root + 1);
    for (MarkerNode& node : own)
      for (std::uint32_t& child : node.children) child -= first;
    alternatives.push_back(Marker::from_nodes(std::move(own)));
    first = root + 1;
  }
  return alternatives;
}

// Short ones first, then by text.
Marker any_of(std::vector<Marker> alternatives) {
  const auto length = [](const Marker& marker) { return marker.nodes().back().children.size(); };
  std::vector<std::pair<std::string, Marker>> by_text;
  for (Marker& alternative : alternatives) by_text.emplace_back(alternative.to_string(), std::move(alternative));
  std::ranges::sort(by_text, [&](const auto& a, const auto& b) {
    const auto first = length(a.second), second = length(b.second);
    return first != second ? first < second : a.first < b.first;
  });
  alternatives.clear();
  for (auto& [text, alternative] : by_text) alternatives.push_back(std::move(alternative));
  return joined(MarkerNode::Kind::any, alternatives);
}

}  // namespace

Marker shortest_marker(MarkerSpace& space, MarkerSet set, MarkerSet universe) {
  Marker simplified = space.marker(space.simplify(set, universe));
  if (simplified.nodes().size() <= 1) return simplified;
  Marker whole = space.marker(set);
  return whole.nodes().size() < simplified.nodes().size() ? whole : simplified;
}

Marker marker_of(const GuardedSet& set, GuardedSets& sets, MarkerSpace& space, MarkerSet universe) {
  const MarkerSet base = sets.under(set, kAlways);
  const MarkerSet open = space.without(universe, base);
  if (open == MarkerSpace::kNone) return {};
  std::vector<Marker> alternatives;
  if (base != MarkerSpace::kNone) {
    Marker marker = shortest_marker(space, base, universe);
    if (set.parts.size() == 1) return marker;
    alternatives = alternatives_of(marker);
  }
  struct Shared {
    Marker condition;
    std::vector<Marker> guards;
  };
  std::map<std::string, Shared> by_condition;
  for (const auto& [guard, environments] : set.parts) {
    if (guard == kAlways) continue;
    Marker condition;
    if (!space.implies(open, environments)) condition = shortest_marker(space, environments, open);
    Shared& shared = by_condition[condition.to_string()];
    shared.condition = std::move(condition);
    MarkerNode node;
    node.atom = sets.atom_of(guard);
    shared.guards.push_back(Marker::from_nodes({std::move(node)}));
  }
  for (auto& [text, shared] : by_condition) {
    if (shared.condition.is_trivial())
      alternatives.insert(alternatives.end(), shared.guards.begin(), shared.guards.end());
    else
      alternatives.push_back(
          joined(MarkerNode::Kind::all, std::vector<Marker>{any_of(std::move(shared.guards)), shared.condition}));
  }
  return any_of(std::move(alternatives));
}

}  // namespace pkg::resolver
