// Sets of environments as decision diagrams (BDDs with many branches): asking whether two markers overlap, imply or
// equal each other is then a walk, and equality is comparing two numbers.
//
// A node asks about one variable and has a child for each answer; the leaves are kFalse and kTrue. Texts branch on the
// values that occur and "all others", choices on which of some conflicting extras is selected; Python and other
// versions branch at cuts ("from 3.12.0 on"), so a node with n labels has n + 1 children either way. For
// `python_version >= "3.12" and sys_platform == "linux"`:
//
//   python: | below 3.12.0 -> false | from 3.12.0 -> sys_platform: | linux -> true | all others -> false |
//
// Invariants, kept by make() alone, through which every node comes. Ordered: on each path variables come in the order
// of rank_of(), each at most once. Reduced: a label whose neighbours have the same child is dropped, a node without
// labels is its child. Hash-consed: equal nodes are one node. Together: one set of environments, one node, so
// a == b means "the same set", and a & !b == kFalse means "a implies b".
//
// Operations walk two diagrams side by side, refine the labels of the upper variable until both agree (each_branch()),
// and are memoised per pair of nodes. marker_diagram_restrict.cpp makes a set smaller where nobody asks.
//
// Recursion is as deep as there are variables on a path (a dozen, and one for each odd comparison), not as deep as a
// marker nests. Nodes are freed from the end only (Scratch): a space lives as long as one resolution.
#include "resolver/marker_diagram.h"

#include <algorithm>
#include <iterator>

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
    case variant_namespaces:
      return 13;
    case variant_features:
      return 14;
    case variant_properties:
      return 15;
    case variant_label:
      return 16;
  }
  return 17;
}

}  // namespace

MarkerDiagram::MarkerDiagram() : label_pool_{0}, unique_(1u << 10, kFalse) { nodes_.resize(2); }

std::uint32_t MarkerDiagram::variable(Branching branching, const pep::MarkerAtom& atom) {
  std::pair<int, std::string> order{rank_of(atom.variable) * 2 + (branching == Branching::boolean ? 1 : 0),
                                    branching == Branching::boolean ? pep::to_string(atom) : std::string()};
  const auto [known, is_new] = variable_ids_.try_emplace(order, static_cast<std::uint32_t>(variables_.size()));
  if (is_new) variables_.push_back({branching, atom, std::move(order), nullptr});
  return known->second;
}

void MarkerDiagram::add_choice(const ChoiceGroup& group) {
  const pep::MarkerAtom& first = group.members.front();
  if (!group.is_whole) {
    // Booleans that stand together: a diagram of what they exclude stays small.
    const std::string together = pep::to_string(first) + " with ";
    for (const pep::MarkerAtom& member : group.members)
      variables_[variable(Branching::boolean, member)].order = {rank_of(first.variable) * 2 + 1,
                                                                together + pep::to_string(member)};
    return;
  }
  // Where its first member would stand; the end of the text keeps it apart from that member as a boolean.
  std::pair<int, std::string> order{rank_of(first.variable) * 2 + 1, pep::to_string(first) + " or another one"};
  const auto id = static_cast<std::uint32_t>(variables_.size());
  variable_ids_.emplace(order, id);
  variables_.push_back({Branching::choice, first, std::move(order), std::make_shared<const ChoiceGroup>(group)});
  for (const pep::MarkerAtom& member : group.members) members_[pep::to_string(member)].variable = id;
  for (Label selection = 0; selection < group.selections.size(); ++selection)
    for (const std::uint32_t member : group.selections[selection])
      members_[pep::to_string(group.members[member])].selections.push_back(selection);
}

DiagramNode MarkerDiagram::membership(const pep::MarkerAtom& atom) {
  const auto member = members_.find(pep::to_string(atom));
  if (member == members_.end()) return equals(variable(Branching::boolean, atom), 0);
  std::vector<Label> labels = member->second.selections;
  std::vector<DiagramNode> children(labels.size(), kTrue);
  children.push_back(kFalse);
  return make(member->second.variable, labels, children);
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
    case Branching::choice:
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

// --- making nodes ----------------------------------------------------------------------------------------------------

DiagramNode MarkerDiagram::make(std::uint32_t variable, std::span<Label> labels, std::span<DiagramNode> children) {
  const bool is_cut = variables_[variable].is_cut();
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
  if (kept == 0) return is_cut ? children.front() : children.back();
  if (!is_cut) children[kept] = children.back();
  labels = labels.first(kept);
  children = children.first(kept + 1);

  if (2 * nodes_.size() > unique_.size()) grow_unique();
  std::size_t place = hash_of(variable, labels, children) & (unique_.size() - 1);
  while (unique_[place] != kFalse) {
    if (is(unique_[place], variable, labels, children)) return unique_[place];
    place = (place + 1) & (unique_.size() - 1);
  }
  const auto node = static_cast<DiagramNode>(nodes_.size());
  const bool is_boolean = variables_[variable].branching == Branching::boolean;
  nodes_.push_back({variable, is_boolean ? 0 : static_cast<std::uint32_t>(label_pool_.size()),
                    static_cast<std::uint32_t>(child_pool_.size()), static_cast<std::uint32_t>(kept)});
  if (!is_boolean) label_pool_.insert(label_pool_.end(), labels.begin(), labels.end());
  child_pool_.insert(child_pool_.end(), children.begin(), children.end());
  unique_[place] = node;
  return node;
}

std::uint64_t MarkerDiagram::hash_of(std::uint32_t variable, std::span<const Label> labels,
                                     std::span<const DiagramNode> children) const {
  std::uint64_t hash = variable;
  for (const Label label : labels) hash = hash * 0x9e3779b97f4a7c15u + label;
  for (const DiagramNode child : children) hash = (hash ^ child) * 0xff51afd7ed558ccdu;
  return hash ^ (hash >> 32);
}

bool MarkerDiagram::is(DiagramNode node, std::uint32_t variable, std::span<const Label> labels,
                       std::span<const DiagramNode> children) const {
  return nodes_[node].variable == variable && std::ranges::equal(this->labels(node), labels) &&
         std::ranges::equal(this->children(node), children);
}

void MarkerDiagram::grow_unique() {
  unique_.assign(unique_.size() * 2, kFalse);
  for (DiagramNode node = 2; node < nodes_.size(); ++node) {
    std::size_t place = hash_of(nodes_[node].variable, labels(node), children(node)) & (unique_.size() - 1);
    while (unique_[place] != kFalse) place = (place + 1) & (unique_.size() - 1);
    unique_[place] = node;
  }
}

// The latest node was put where no other one had to pass yet: its place can simply be freed.
void MarkerDiagram::forget_last() {
  const auto node = static_cast<DiagramNode>(nodes_.size() - 1);
  std::size_t place = hash_of(nodes_[node].variable, labels(node), children(node)) & (unique_.size() - 1);
  while (unique_[place] != node) place = (place + 1) & (unique_.size() - 1);
  unique_[place] = kFalse;
  nodes_.pop_back();
}

MarkerDiagram::Scratch::Scratch(MarkerDiagram& diagram)
    : diagram_(diagram),
      nodes_(diagram.nodes_.size()),
      labels_(diagram.label_pool_.size()),
      children_(diagram.child_pool_.size()) {
  diagram_.memo_.begin_scratch();
}

MarkerDiagram::Scratch::~Scratch() {
  while (diagram_.nodes_.size() > nodes_) diagram_.forget_last();
  diagram_.label_pool_.resize(labels_);
  diagram_.child_pool_.resize(children_);
  diagram_.memo_.end_scratch();
}

DiagramNode MarkerDiagram::between(std::uint32_t variable, Label from, bool has_from, Label to) {
  if (has_from && to != kEnd && !before(variable, from, to)) return kFalse;
  std::vector<Label> labels;
  std::vector<DiagramNode> children;
  if (has_from) labels.push_back(from), children.push_back(kFalse);
  children.push_back(kTrue);
  if (to != kEnd) labels.push_back(to), children.push_back(kFalse);
  return make(variable, labels, children);
}

DiagramNode MarkerDiagram::equals(std::uint32_t variable, Label value) {
  Label labels[] = {value};
  DiagramNode children[] = {kTrue, kFalse};
  return make(variable, labels, children);
}

// --- operations ------------------------------------------------------------------------------------------------------

std::uint32_t MarkerDiagram::top_variable(DiagramNode a, DiagramNode b) const {
  if (is_terminal(a)) return nodes_[b].variable;
  if (is_terminal(b)) return nodes_[a].variable;
  return comes_first(nodes_[b].variable, nodes_[a].variable) ? nodes_[b].variable : nodes_[a].variable;
}

// visit(label, child of a, child of b) for each branch, until it says false. Without a label (nullptr): below the first
// cut, which comes first, or all other texts, which come last.
template <class Visit>
bool MarkerDiagram::each_branch(std::uint32_t variable, DiagramNode a, DiagramNode b, const Visit& visit) const {
  const auto labels_a = asks(a, variable) ? labels(a) : std::span<const Label>();
  const auto labels_b = asks(b, variable) ? labels(b) : std::span<const Label>();
  const auto children_a = asks(a, variable) ? children(a) : std::span<const DiagramNode>(&a, 1);
  const auto children_b = asks(b, variable) ? children(b) : std::span<const DiagramNode>(&b, 1);
  const bool is_cut = variables_[variable].is_cut();
  std::size_t i = 0, j = 0;
  if (is_cut && !visit(nullptr, children_a[0], children_b[0])) return false;
  while (i < labels_a.size() || j < labels_b.size()) {
    const bool take_a = j == labels_b.size() || (i < labels_a.size() && !before(variable, labels_b[j], labels_a[i]));
    const bool take_b = i == labels_a.size() || (j < labels_b.size() && !before(variable, labels_a[i], labels_b[j]));
    const Label* const label = take_a ? &labels_a[i] : &labels_b[j];
    const DiagramNode text_a = take_a ? children_a[i] : children_a.back();
    const DiagramNode text_b = take_b ? children_b[j] : children_b.back();
    i += take_a ? 1 : 0, j += take_b ? 1 : 0;
    if (!visit(label, is_cut ? children_a[i] : text_a, is_cut ? children_b[j] : text_b)) return false;
  }
  return is_cut || visit(nullptr, children_a.back(), children_b.back());
}

MarkerDiagram::Branches MarkerDiagram::branches(std::uint32_t variable, DiagramNode a, DiagramNode b) const {
  Branches result;
  each_branch(variable, a, b, [&](const Label* label, DiagramNode child_a, DiagramNode child_b) {
    if (label != nullptr) result.labels.push_back(*label);
    result.children.emplace_back(child_a, child_b);
    return true;
  });
  return result;
}

DiagramNode MarkerDiagram::conjunction(DiagramNode a, DiagramNode b) {
  if (a == b || b == kTrue || a == kFalse) return a;
  if (a == kTrue || b == kFalse) return b;
  return apply(DiagramOperation::conjunction, std::min(a, b), std::max(a, b));
}

DiagramNode MarkerDiagram::disjunction(DiagramNode a, DiagramNode b) {
  if (a == b || b == kFalse || a == kTrue) return a;
  if (a == kFalse || b == kTrue) return b;
  return apply(DiagramOperation::disjunction, std::min(a, b), std::max(a, b));
}

DiagramNode MarkerDiagram::difference(DiagramNode a, DiagramNode b) {
  if (a == b || b == kTrue || a == kFalse) return kFalse;
  if (b == kFalse) return a;
  return apply(DiagramOperation::difference, a, b);
}

bool MarkerDiagram::implies(DiagramNode a, DiagramNode b) {
  if (a == b || b == kTrue || a == kFalse) return true;
  if (a == kTrue || b == kFalse) return false;
  return holds(DiagramOperation::implies, a, b);
}

bool MarkerDiagram::disjoint(DiagramNode a, DiagramNode b) {
  if (a == kFalse || b == kFalse) return true;
  if (a == b || a == kTrue || b == kTrue) return false;
  return holds(DiagramOperation::disjoint, std::min(a, b), std::max(a, b));
}

DiagramNode MarkerDiagram::apply(DiagramOperation operation, DiagramNode a, DiagramNode b) {
  if (const auto known = memo_.find(operation, a, b)) return *known;
  const DiagramNode result = combine(operation, top_variable(a, b), a, b);
  memo_.note(operation, a, b, result);
  return result;
}

// The branches lie in pairs on the stack; each pair is replaced by its result.
DiagramNode MarkerDiagram::combine(DiagramOperation operation, std::uint32_t variable, DiagramNode a, DiagramNode b) {
  const std::size_t first_label = open_labels_.size(), first = open_children_.size();
  each_branch(variable, a, b, [&](const Label* label, DiagramNode child_a, DiagramNode child_b) {
    if (label != nullptr) open_labels_.push_back(*label);
    open_children_.push_back(child_a);
    open_children_.push_back(child_b);
    return true;
  });
  const std::size_t count = (open_children_.size() - first) / 2;
  for (std::size_t i = 0; i < count; ++i) {
    const DiagramNode child_a = open_children_[first + 2 * i], child_b = open_children_[first + 2 * i + 1];
    open_children_[first + i] = operation == DiagramOperation::conjunction   ? conjunction(child_a, child_b)
                                : operation == DiagramOperation::disjunction ? disjunction(child_a, child_b)
                                                                             : difference(child_a, child_b);
  }
  const DiagramNode result =
      make(variable, std::span(open_labels_).subspan(first_label), std::span(open_children_).subspan(first, count));
  open_labels_.resize(first_label);
  open_children_.resize(first);
  return result;
}

bool MarkerDiagram::holds(DiagramOperation operation, DiagramNode a, DiagramNode b) {
  if (const auto known = memo_.find(operation, a, b)) return *known == kTrue;
  const bool result =
      each_branch(top_variable(a, b), a, b, [&](const Label* /*label*/, DiagramNode child_a, DiagramNode child_b) {
        return operation == DiagramOperation::implies ? implies(child_a, child_b) : disjoint(child_a, child_b);
      });
  memo_.note(operation, a, b, result ? kTrue : kFalse);
  return result;
}

}  // namespace pkg::resolver
