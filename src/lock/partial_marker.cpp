#include "lock/partial_marker.h"

#include <algorithm>

namespace pkg::lock {
namespace {

using pep::Marker;
using pep::MarkerNode;
using pep::MarkerVariable;

// What is known of a node: it never holds, or holds where the marker does (the trivial one: always).
using Decided = std::optional<Marker>;

bool is_of_parts(MarkerVariable variable) {
  return variable == MarkerVariable::extra || variable == MarkerVariable::extras ||
         variable == MarkerVariable::dependency_groups;
}

Decided decide_atom(const MarkerNode& node, const ChosenParts& parts) {
  const Marker alone = Marker::from_nodes({node});
  if (!is_of_parts(node.atom.variable) || node.atom.sides != pep::MarkerAtom::Sides::variable_and_literal) return alone;
  const pep::Environment unasked;
  const bool holds = alone.evaluate({.environment = unasked,
                                     .extras = parts.own_extras,
                                     .lock_extras = parts.extras,
                                     .lock_groups = parts.groups,
                                     .is_lock_file = true});
  return holds ? Decided(Marker()) : std::nullopt;
}

// One node over all of them, so that nothing is nested that need not be. Precondition: none is trivial.
Marker joined(MarkerNode::Kind kind, const std::vector<Marker>& markers) {
  if (markers.empty()) return {};
  if (markers.size() == 1) return markers.front();
  std::vector<MarkerNode> nodes;
  MarkerNode root;
  root.kind = kind;
  for (const auto& marker : markers) {
    const auto offset = static_cast<std::uint32_t>(nodes.size());
    for (MarkerNode node : marker.nodes()) {
      for (auto& child : node.children) child += offset;
      nodes.push_back(std::move(node));
    }
    root.children.push_back(static_cast<std::uint32_t>(nodes.size()) - 1);
  }
  nodes.push_back(std::move(root));
  return Marker::from_nodes(std::move(nodes));
}

Decided decide_all(const MarkerNode& node, const std::vector<Decided>& known) {
  std::vector<Marker> left;
  for (const auto child : node.children) {
    if (!known[child]) return std::nullopt;
    if (!known[child]->is_trivial()) left.push_back(*known[child]);
  }
  return joined(node.kind, left);
}

Decided decide_any(const MarkerNode& node, const std::vector<Decided>& known) {
  std::vector<Marker> left;
  for (const auto child : node.children) {
    if (!known[child]) continue;
    if (known[child]->is_trivial()) return Marker();
    left.push_back(*known[child]);
  }
  if (left.empty()) return std::nullopt;
  return joined(node.kind, left);
}

}  // namespace

std::optional<Marker> decide_parts(const Marker& marker, const ChosenParts& parts) {
  const auto nodes = marker.nodes();
  const bool is_open = std::any_of(nodes.begin(), nodes.end(), [](const MarkerNode& node) {
    return node.kind == MarkerNode::Kind::atom && is_of_parts(node.atom.variable);
  });
  if (!is_open) return marker;
  std::vector<Decided> known;
  known.reserve(nodes.size());
  const auto decide = [&](const MarkerNode& node) {
    if (node.kind == MarkerNode::Kind::atom) return decide_atom(node, parts);
    return node.kind == MarkerNode::Kind::all ? decide_all(node, known) : decide_any(node, known);
  };
  for (const auto& node : nodes) known.push_back(decide(node));
  return known.back();
}

}  // namespace pkg::lock
