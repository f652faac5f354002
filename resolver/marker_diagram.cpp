// Sets of environments as decision diagrams (BDDs with many branches): asking whether two markers overlap, imply or
// equal each other is then a walk, and equality is comparing two numbers.
//
// A node asks about one variable and has a child for each answer; the leaves are kFalse and kTrue. Texts branch on the
// values that occur and "all others"; Python and other versions branch at cuts ("from 3.12.0 on"), so a node with n
// labels has n + 1 children either way. For `python_version >= "3.12" and sys_platform == "linux"`:
//
//   python: | below 3.12.0 -> false | from 3.12.0 -> sys_platform: | linux -> true | all others -> false |
//
// Invariants, kept by make() alone, through which every node comes. Ordered: on each path variables come in the order
// of rank_of(), each at most once. Reduced: a label whose neighbours have the same child is dropped, a node without
// labels is its child. Hash-consed: equal nodes are one node. Together: one set of environments, one node, so
// a == b means "the same set", and a & !b == kFalse means "a implies b".
//
// Operations walk two diagrams side by side, refine the labels of the upper variable until both agree (branches()),
// and are memoised per pair of nodes. restrict_to() is for printing: where nobody asks ("care" is false) it takes the
// answer of a neighbour, so that branches fall together and the marker gets short.
//
// Recursion is as deep as there are variables on a path (a dozen, and one for each odd comparison), not as deep as a
// marker nests. Nodes are never freed: a space lives as long as one resolution.
#include "resolver/marker_diagram.h"

#include <algorithm>

namespace pkg::resolver {

namespace {

// Variables that say most come first.
int rank_of(pep::MarkerVariable variable) {
  using enum pep::MarkerVariable;
  switch (variable) {
    case dependency_groups:
      return 0;
    case extras:
      return 1;
    case python_version:
    case python_full_version:
      return 2;
    case implementation_version:
      return 3;
    case sys_platform:
      return 4;
    case os_name:
      return 5;
    case platform_system:
      return 6;
    case platform_machine:
      return 7;
    case implementation_name:
      return 8;
    case platform_python_implementation:
      return 9;
    case platform_release:
      return 10;
    case platform_version:
      return 11;
    case extra:
      return 12;
  }
  return 13;
}

std::uint64_t pair_key(DiagramNode a, DiagramNode b) { return std::uint64_t{a} << 32 | b; }

}  // namespace

MarkerDiagram::MarkerDiagram() { nodes_.resize(2); }

std::uint32_t MarkerDiagram::variable(Branching branching, const pep::MarkerAtom& atom) {
  std::pair<int, std::string> order{rank_of(atom.variable) * 2 + (branching == Branching::boolean ? 1 : 0),
                                    branching == Branching::boolean ? pep::to_string(atom) : std::string()};
  const auto [known, is_new] = variable_ids_.try_emplace(order, static_cast<std::uint32_t>(variables_.size()));
  if (is_new) variables_.push_back({branching, atom, std::move(order)});
  return known->second;
}

Label MarkerDiagram::text_label(const std::string& text) {
  const auto [known, is_new] = text_ids_.try_emplace(text, texts_.size());
  if (is_new) texts_.push_back(text);
  return known->second;
}

Label MarkerDiagram::cut_label(const pep::Version& version, bool after) {
  for (Label i = 0; i < cuts_.size(); ++i)
    if (cuts_[i].second == after && cuts_[i].first == version) return i;
  cuts_.emplace_back(version, after);
  return cuts_.size() - 1;
}

bool MarkerDiagram::before(std::uint32_t variable, Label a, Label b) const {
  switch (variables_[variable].branching) {
    case Branching::text:
      return texts_[a] < texts_[b];
    case Branching::version: {
      const auto order = cuts_[a].first <=> cuts_[b].first;
      return order < 0 || (order == 0 && !cuts_[a].second && cuts_[b].second);
    }
    case Branching::python:
    case Branching::boolean:
      break;
  }
  return a < b;
}

std::span<const Label> MarkerDiagram::labels(DiagramNode node) const {
  return std::span(label_pool_).subspan(nodes_[node].first_label, nodes_[node].label_count);
}

std::span<const DiagramNode> MarkerDiagram::children(DiagramNode node) const {
  return std::span(child_pool_).subspan(nodes_[node].first_child, nodes_[node].label_count + 1);
}

DiagramNode MarkerDiagram::make(std::uint32_t variable, std::vector<Label> labels, std::vector<DiagramNode> children) {
  const Branching branching = variables_[variable].branching;
  const bool is_cut = branching == Branching::python || branching == Branching::version;
  // A label that makes no difference is dropped.
  std::size_t kept = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const bool same = is_cut ? children[kept] == children[i + 1] : children[i] == children.back();
    if (same) continue;
    labels[kept] = labels[i];
    if (is_cut)
      children[kept + 1] = children[i + 1];
    else
      children[kept] = children[i];
    ++kept;
  }
  if (!is_cut) children[kept] = children.back();
  labels.resize(kept);
  children.resize(kept + 1);
  if (labels.empty()) return children.front();

  std::uint64_t hash = variable;
  for (const Label label : labels) hash = hash * 0x9e3779b97f4a7c15u + label;
  for (const DiagramNode child : children) hash = (hash ^ child) * 0xff51afd7ed558ccdu;
  const auto [begin, end] = unique_.equal_range(hash);
  for (auto at = begin; at != end; ++at) {
    const DiagramNode node = at->second;
    if (nodes_[node].variable == variable && std::ranges::equal(this->labels(node), labels) &&
        std::ranges::equal(this->children(node), children))
      return node;
  }
  const auto node = static_cast<DiagramNode>(nodes_.size());
  nodes_.push_back({variable, static_cast<std::uint32_t>(label_pool_.size()),
                    static_cast<std::uint32_t>(child_pool_.size()), static_cast<std::uint32_t>(labels.size())});
  label_pool_.insert(label_pool_.end(), labels.begin(), labels.end());
  child_pool_.insert(child_pool_.end(), children.begin(), children.end());
  unique_.emplace(hash, node);
  return node;
}

DiagramNode MarkerDiagram::between(std::uint32_t variable, Label from, bool has_from, Label to) {
  if (has_from && to != kEnd && !before(variable, from, to)) return kFalse;
  std::vector<Label> labels;
  std::vector<DiagramNode> children;
  if (has_from) labels.push_back(from), children.push_back(kFalse);
  children.push_back(kTrue);
  if (to != kEnd) labels.push_back(to), children.push_back(kFalse);
  return make(variable, std::move(labels), std::move(children));
}

DiagramNode MarkerDiagram::equals(std::uint32_t variable, Label value) {
  const auto [known, is_new] = equals_.try_emplace({variable, value}, kFalse);
  if (is_new) known->second = make(variable, {value}, {kTrue, kFalse});
  return known->second;
}

std::uint32_t MarkerDiagram::top_variable(DiagramNode a, DiagramNode b) const {
  if (is_terminal(a)) return nodes_[b].variable;
  if (is_terminal(b)) return nodes_[a].variable;
  return comes_first(nodes_[b].variable, nodes_[a].variable) ? nodes_[b].variable : nodes_[a].variable;
}

MarkerDiagram::Branches MarkerDiagram::branches(std::uint32_t variable, DiagramNode a, DiagramNode b) const {
  const bool a_branches = !is_terminal(a) && nodes_[a].variable == variable;
  const bool b_branches = !is_terminal(b) && nodes_[b].variable == variable;
  const auto labels_a = a_branches ? labels(a) : std::span<const Label>();
  const auto labels_b = b_branches ? labels(b) : std::span<const Label>();
  const auto children_a = a_branches ? children(a) : std::span(&a, 1);
  const auto children_b = b_branches ? children(b) : std::span(&b, 1);
  const Branching branching = variables_[variable].branching;
  const bool is_cut = branching == Branching::python || branching == Branching::version;
  Branches result;
  result.labels.reserve(labels_a.size() + labels_b.size());
  result.children.reserve(labels_a.size() + labels_b.size() + 1);
  std::size_t i = 0, j = 0;
  if (is_cut) result.children.emplace_back(children_a[0], children_b[0]);
  while (i < labels_a.size() || j < labels_b.size()) {
    const bool take_a = j == labels_b.size() || (i < labels_a.size() && !before(variable, labels_b[j], labels_a[i]));
    const bool take_b = i == labels_a.size() || (j < labels_b.size() && !before(variable, labels_a[i], labels_b[j]));
    result.labels.push_back(take_a ? labels_a[i] : labels_b[j]);
    if (is_cut) {
      i += take_a ? 1 : 0, j += take_b ? 1 : 0;
      result.children.emplace_back(children_a[i], children_b[j]);
    } else {
      result.children.emplace_back(take_a ? children_a[i] : children_a.back(),
                                   take_b ? children_b[j] : children_b.back());
      i += take_a ? 1 : 0, j += take_b ? 1 : 0;
    }
  }
  if (!is_cut) result.children.emplace_back(children_a.back(), children_b.back());
  return result;
}

DiagramNode MarkerDiagram::apply(bool is_and, DiagramNode a, DiagramNode b) {
  const DiagramNode absorbing = is_and ? kFalse : kTrue, neutral = is_and ? kTrue : kFalse;
  if (a == absorbing || b == absorbing) return absorbing;
  if (a == neutral || a == b) return b;
  if (b == neutral) return a;
  if (a > b) std::swap(a, b);
  auto& memo = is_and ? conjunctions_ : disjunctions_;
  if (const auto known = memo.find(pair_key(a, b)); known != memo.end()) return known->second;
  const std::uint32_t variable = top_variable(a, b);
  Branches both = branches(variable, a, b);
  std::vector<DiagramNode> children;
  children.reserve(both.children.size());
  for (const auto& [left, right] : both.children) children.push_back(apply(is_and, left, right));
  const DiagramNode result = make(variable, std::move(both.labels), std::move(children));
  memo.emplace(pair_key(a, b), result);
  return result;
}

DiagramNode MarkerDiagram::negation(DiagramNode a) {
  if (is_terminal(a)) return a == kTrue ? kFalse : kTrue;
  if (const auto known = negations_.find(a); known != negations_.end()) return known->second;
  std::vector<Label> own_labels(labels(a).begin(), labels(a).end());
  std::vector<DiagramNode> own_children(children(a).begin(), children(a).end());
  for (DiagramNode& child : own_children) child = negation(child);
  const DiagramNode result = make(nodes_[a].variable, std::move(own_labels), std::move(own_children));
  negations_.emplace(a, result);
  negations_.emplace(result, a);
  return result;
}

// One of the branches that does for all of them where it is asked: then the variable says nothing.
std::optional<DiagramNode> MarkerDiagram::common_branch(const Branches& branches,
                                                        const std::vector<DiagramNode>& restricted,
                                                        const std::vector<bool>& open) {
  constexpr std::size_t kMostTried = 4;
  std::vector<DiagramNode> tried;
  for (std::size_t i = 0; i < restricted.size() && tried.size() < kMostTried; ++i) {
    if (open[i] || std::ranges::find(tried, restricted[i]) != tried.end()) continue;
    tried.push_back(restricted[i]);
    bool fits = true;
    for (std::size_t k = 0; k < branches.children.size() && fits; ++k) {
      const auto [wanted, care] = branches.children[k];
      fits = conjunction(conjunction(restricted[i], care), negation(wanted)) == kFalse &&
             conjunction(conjunction(wanted, care), negation(restricted[i])) == kFalse;
    }
    if (fits) return restricted[i];
  }
  return std::nullopt;
}

// Where nothing is asked (care is false), the neighbour's answer is taken: that makes branches fall together.
DiagramNode MarkerDiagram::restrict_to(DiagramNode node, DiagramNode care) {
  if (is_terminal(node) || is_terminal(care)) return node;
  if (const auto known = restrictions_.find(pair_key(node, care)); known != restrictions_.end()) return known->second;
  const std::uint32_t variable = top_variable(node, care);
  DiagramNode result = node;
  if (nodes_[node].variable != variable) {
    DiagramNode any = kFalse;
    const std::vector<DiagramNode> cares(children(care).begin(), children(care).end());
    for (const DiagramNode child : cares) any = disjunction(any, child);
    result = restrict_to(node, any);
  } else {
    Branches both = branches(variable, node, care);
    std::vector<DiagramNode> children(both.children.size());
    std::vector<bool> open(both.children.size(), false);
    DiagramNode latest = kFalse;
    bool has_latest = false;
    for (std::size_t i = both.children.size(); i-- > 0;) {
      if (both.children[i].second == kFalse) {
        open[i] = true;
        continue;
      }
      children[i] = restrict_to(both.children[i].first, both.children[i].second);
      latest = children[i], has_latest = true;
    }
    if (!has_latest) return node;
    if (const auto common = common_branch(both, children, open)) {
      restrictions_.emplace(pair_key(node, care), *common);
      return *common;
    }
    const Branching branching = variables_[variable].branching;
    const bool is_cut = branching == Branching::python || branching == Branching::version;
    // Cuts: as the branch before; at the start, as the first that is asked for. Texts: as the branch of all others, if
    // that is asked for.
    DiagramNode fill = is_cut || open.back() ? latest : children.back();
    for (std::size_t i = 0; i < children.size(); ++i) {
      if (open[i])
        children[i] = fill;
      else if (is_cut)
        fill = children[i];
    }
    result = make(variable, std::move(both.labels), std::move(children));
  }
  restrictions_.emplace(pair_key(node, care), result);
  return result;
}

DiagramNode MarkerDiagram::decide(DiagramNode node, std::uint32_t variable, bool value) {
  const DiagramNode is_true = equals(variable, 0);
  const DiagramNode part = conjunction(node, value ? is_true : negation(is_true));
  // Forget the variable: what holds for one of its values, and the other one was taken away.
  std::unordered_map<DiagramNode, DiagramNode> done;
  const auto forget = [&](const auto& self, DiagramNode at) -> DiagramNode {
    if (is_terminal(at)) return at;
    if (const auto known = done.find(at); known != done.end()) return known->second;
    const std::uint32_t own = nodes_[at].variable;
    std::vector<DiagramNode> own_children(children(at).begin(), children(at).end());
    DiagramNode result = kFalse;
    if (own == variable) {
      result = disjunction(own_children[0], own_children[1]);
    } else if (comes_first(variable, own)) {
      result = at;
    } else {
      std::vector<Label> own_labels(labels(at).begin(), labels(at).end());
      for (DiagramNode& child : own_children) child = self(self, child);
      result = make(own, std::move(own_labels), std::move(own_children));
    }
    done.emplace(at, result);
    return result;
  };
  return forget(forget, part);
}

}  // namespace pkg::resolver
