// A smaller set that agrees with a given one wherever anybody asks ("care"): where nobody does, a branch takes the
// answer of a neighbour, so that branches fall together and the marker gets short.

#include <algorithm>

#include "resolver/marker_diagram.h"

namespace pkg::resolver {

// One of the branches that fits wherever any of them is asked for: then the variable need not be asked.
std::optional<DiagramNode> MarkerDiagram::common_branch(const Branches& branches,
                                                        const std::vector<DiagramNode>& restricted,
                                                        const std::vector<bool>& open) {
  constexpr std::size_t kMostTried = 4;
  std::vector<DiagramNode> tried;
  for (std::size_t i = 0; i < restricted.size() && tried.size() < kMostTried; ++i) {
    if (open[i] || std::ranges::find(tried, restricted[i]) != tried.end()) continue;
    tried.push_back(restricted[i]);
    const bool fits = std::ranges::all_of(branches.children, [&](const auto& child) {
      const auto [wanted, care] = child;
      return implies(conjunction(restricted[i], care), wanted) && implies(conjunction(wanted, care), restricted[i]);
    });
    if (fits) return restricted[i];
  }
  return std::nullopt;
}

DiagramNode MarkerDiagram::restrict_to(DiagramNode node, DiagramNode care) {
  if (is_terminal(node) || is_terminal(care)) return node;
  if (const auto known = memo_.find(DiagramOperation::restrict_to, node, care)) return *known;
  const std::uint32_t variable = top_variable(node, care);
  DiagramNode result = node;
  if (asks(node, variable)) {
    result = restricted(variable, node, care);
  } else {
    DiagramNode any = kFalse;
    const std::vector<DiagramNode> cares(children(care).begin(), children(care).end());
    for (const DiagramNode child : cares) any = disjunction(any, child);
    result = restrict_to(node, any);
  }
  memo_.note(DiagramOperation::restrict_to, node, care, result);
  return result;
}

DiagramNode MarkerDiagram::restricted(std::uint32_t variable, DiagramNode node, DiagramNode care) {
  Branches both = branches(variable, node, care);
  std::vector<DiagramNode> children(both.children.size());
  std::vector<bool> open(both.children.size(), false);
  DiagramNode latest = kFalse;
  for (std::size_t i = both.children.size(); i-- > 0;) {
    open[i] = both.children[i].second == kFalse;
    if (!open[i]) latest = children[i] = restrict_to(both.children[i].first, both.children[i].second);
  }
  if (const auto common = common_branch(both, children, open)) return *common;
  const bool is_cut = variables_[variable].is_cut();
  // Cuts: as the branch before; at the start, as the first that is asked for. Texts: as the branch of all others, if
  // that is asked for.
  DiagramNode fill = is_cut || open.back() ? latest : children.back();
  for (std::size_t i = 0; i < children.size(); ++i) {
    if (open[i])
      children[i] = fill;
    else if (is_cut)
      fill = children[i];
  }
  return make(variable, both.labels, children);
}

}  // namespace pkg::resolver
