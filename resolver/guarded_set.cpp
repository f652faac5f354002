// A project with many extras asks for many things, each under its own extra: where numpy is installed is then
// `x1 and E1 or x2 and E2 or …`. As a diagram over the extras that has a node for each combination of the Es, whatever
// the order of the variables. As a list of (extra, E) it has as many entries as extras, and all that solving needs is
// easy on lists: following a requirement is meeting each entry with its condition, joining is merging two lists, and
// both distribute over the disjunction. Diagrams are left for what they are good at, platforms and Pythons.
//
// Guards say `is selected`, never `is not`, and can all be selected together; conflicting extras cannot, and are a
// variable of the diagrams. Hence what is true under one guard stays true when more is selected, and two sets overlap
// under some selection exactly when their environments do (hull()).
//
// A membership that some diagram asks about after all (a fork that was split by it, an odd marker) must be no guard:
// keep_in_diagrams() and flattened() put it back where it was.
#include "resolver/guarded_set.h"

#include <algorithm>

namespace pkg::resolver {

using pep::MarkerNode;
using pep::MarkerVariable;

GuardedSet GuardedSets::always(MarkerSet environments) const {
  GuardedSet set;
  if (environments != MarkerSpace::kNone) set.parts.emplace_back(kAlways, environments);
  return set;
}

// Unites equal guards and leaves out what needs no saying.
GuardedSet GuardedSets::sorted(std::vector<std::pair<Guard, MarkerSet>> parts) {
  std::ranges::sort(parts, {}, &std::pair<Guard, MarkerSet>::first);
  GuardedSet set;
  for (const auto& [guard, environments] : parts) {
    if (!set.parts.empty() && set.parts.back().first == guard)
      set.parts.back().second = space_.either(set.parts.back().second, environments);
    else
      set.parts.emplace_back(guard, environments);
  }
  const MarkerSet base = under(set, kAlways);
  std::erase_if(set.parts, [&](const auto& part) {
    return part.second == MarkerSpace::kNone || (part.first != kAlways && space_.implies(part.second, base));
  });
  return set;
}

// --- reading ---------------------------------------------------------------------------------------------------------

std::optional<Guard> GuardedSets::guard_of(const MarkerNode& node) {
  const bool is_membership =
      node.kind == MarkerNode::Kind::atom && node.atom.reversed && node.atom.op == pep::MarkerOperator::in &&
      node.atom.sides == pep::MarkerAtom::Sides::variable_and_literal &&
      (node.atom.variable == MarkerVariable::extras || node.atom.variable == MarkerVariable::dependency_groups);
  if (!is_membership) return std::nullopt;
  const std::string text = pep::to_string(node.atom);
  if (kept_.contains(text)) return std::nullopt;
  const auto [known, is_new] = guards_.try_emplace(text, static_cast<Guard>(atoms_.size() + 1));
  if (is_new) atoms_.push_back(node.atom);
  return known->second;
}

std::vector<Guard> GuardedSets::guards_of(std::span<const MarkerNode> nodes, std::uint32_t node) {
  if (const auto guard = guard_of(nodes[node])) return {*guard};
  std::vector<Guard> guards;
  if (nodes[node].kind != MarkerNode::Kind::any) return guards;
  for (const std::uint32_t child : nodes[node].children) {
    const auto guard = guard_of(nodes[child]);
    if (!guard) return {};
    guards.push_back(*guard);
  }
  return guards;
}

// Alternative by alternative: a membership, memberships and a condition, or something without a guard.
GuardedSet GuardedSets::of(const pep::Marker& marker) {
  const auto nodes = marker.nodes();
  if (nodes.empty()) return always(MarkerSpace::kAll);
  const auto root = static_cast<std::uint32_t>(nodes.size() - 1);
  const bool has_alternatives = nodes[root].kind == MarkerNode::Kind::any;
  std::vector<MarkerSet> sets(nodes.size(), MarkerSpace::kAll);
  const auto both_of = [&](std::span<const std::uint32_t> children, std::optional<std::uint32_t> but) {
    MarkerSet set = MarkerSpace::kAll;
    for (const std::uint32_t child : children)
      if (child != but) set = space_.both(set, sets[child]);
    return set;
  };
  for (std::uint32_t i = 0; i < nodes.size() - (has_alternatives ? 1 : 0); ++i) {
    if (nodes[i].kind == MarkerNode::Kind::atom) {
      sets[i] = space_.of(pep::Marker::from_nodes({nodes[i]}));
    } else if (nodes[i].kind == MarkerNode::Kind::all) {
      sets[i] = both_of(nodes[i].children, std::nullopt);
    } else {
      sets[i] = MarkerSpace::kNone;
      for (auto child = nodes[i].children.rbegin(); child != nodes[i].children.rend(); ++child)
        sets[i] = space_.either(sets[*child], sets[i]);
    }
  }
  std::vector<std::pair<Guard, MarkerSet>> parts;
  const std::vector<std::uint32_t> whole{root};
  for (const std::uint32_t alternative : has_alternatives ? nodes[root].children : whole) {
    std::vector<Guard> guards = guards_of(nodes, alternative);
    MarkerSet environments = guards.empty() ? sets[alternative] : MarkerSpace::kAll;
    if (nodes[alternative].kind == MarkerNode::Kind::all) {
      const auto& children = nodes[alternative].children;
      const auto guarded =
          std::ranges::find_if(children, [&](std::uint32_t c) { return !guards_of(nodes, c).empty(); });
      if (guarded != children.end()) {
        guards = guards_of(nodes, *guarded);
        environments = both_of(children, *guarded);
      }
    }
    if (guards.empty()) parts.emplace_back(kAlways, environments);
    for (const Guard guard : guards) parts.emplace_back(guard, environments);
  }
  return sorted(std::move(parts));
}

MarkerSet GuardedSets::literal(Guard guard) {
  if (guard == kAlways) return MarkerSpace::kAll;
  MarkerNode node;
  node.atom = atom_of(guard);
  return space_.of(pep::Marker::from_nodes({std::move(node)}));
}

GuardedSet GuardedSets::flattened(const GuardedSet& set) {
  std::vector<std::pair<Guard, MarkerSet>> parts;
  for (const auto& [guard, environments] : set.parts) {
    const bool is_kept = guard != kAlways && kept_.contains(pep::to_string(atom_of(guard)));
    parts.emplace_back(is_kept ? kAlways : guard, is_kept ? space_.both(literal(guard), environments) : environments);
  }
  return sorted(std::move(parts));
}

// --- operations ------------------------------------------------------------------------------------------------------

bool GuardedSets::grow(GuardedSet& set, const GuardedSet& by) {
  bool is_larger = false;
  for (const auto& [guard, environments] : by.parts) {
    if (space_.implies(environments, under(set, guard))) continue;
    is_larger = true;
    auto at = std::ranges::lower_bound(set.parts, guard, {}, &std::pair<Guard, MarkerSet>::first);
    if (at == set.parts.end() || at->first != guard) at = set.parts.emplace(at, guard, MarkerSpace::kNone);
    at->second = space_.either(at->second, environments);
    if (guard != kAlways) continue;
    const MarkerSet base = at->second;
    std::erase_if(set.parts,
                  [&](const auto& part) { return part.first != kAlways && space_.implies(part.second, base); });
  }
  return is_larger;
}

GuardedSet GuardedSets::meet(const GuardedSet& set, MarkerSet environments) {
  if (environments == MarkerSpace::kAll) return set;
  std::vector<std::pair<Guard, MarkerSet>> parts;
  for (const auto& [guard, own] : set.parts) parts.emplace_back(guard, space_.both(own, environments));
  return sorted(std::move(parts));
}

GuardedSet GuardedSets::meet(const GuardedSet& set, const GuardedSet& other) {
  std::vector<std::pair<Guard, MarkerSet>> parts;
  for (const auto& [guard, own] : set.parts) parts.emplace_back(guard, space_.both(own, under(other, guard)));
  return sorted(std::move(parts));
}

GuardedSet GuardedSets::without(const GuardedSet& set, const GuardedSet& other) {
  std::vector<std::pair<Guard, MarkerSet>> parts;
  for (const auto& [guard, own] : set.parts) parts.emplace_back(guard, space_.without(own, under(other, guard)));
  return sorted(std::move(parts));
}

GuardedSet GuardedSets::given(const GuardedSet& set, const std::map<ChoiceId, ChoiceSelection>& decided) {
  std::vector<std::pair<Guard, MarkerSet>> parts;
  for (const auto& [guard, own] : set.parts) parts.emplace_back(guard, space_.given(own, decided));
  return sorted(std::move(parts));
}

MarkerSet GuardedSets::hull(const GuardedSet& set) {
  MarkerSet any = MarkerSpace::kNone;
  for (const auto& [guard, environments] : set.parts) any = space_.either(any, environments);
  return any;
}

MarkerSet GuardedSets::under(const GuardedSet& set, Guard guard) {
  MarkerSet any = MarkerSpace::kNone;
  if (set.parts.empty()) return any;
  if (set.parts.front().first == kAlways) any = set.parts.front().second;
  if (guard == kAlways) return any;
  const auto at = std::ranges::lower_bound(set.parts, guard, {}, &std::pair<Guard, MarkerSet>::first);
  return at == set.parts.end() || at->first != guard ? any : space_.either(any, at->second);
}

bool GuardedSets::covers(const GuardedSet& set, MarkerSet environments) {
  MarkerSet any = MarkerSpace::kNone;
  for (const auto& [guard, own] : set.parts)
    if (space_.implies(environments, literal(guard))) any = space_.either(any, own);
  return space_.implies(environments, any);
}

bool GuardedSets::meets(const GuardedSet& set, MarkerSet environments) {
  return std::ranges::any_of(set.parts, [&](const auto& part) {
    return !space_.disjoint(space_.both(environments, literal(part.first)), part.second);
  });
}

}  // namespace pkg::resolver
