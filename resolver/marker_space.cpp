#include "resolver/marker_space.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/text.h"
#include "resolver/marker_atoms.h"
#include "resolver/marker_choice.h"
#include "resolver/marker_diagram.h"
#include "resolver/marker_text.h"

namespace pkg::resolver {

using pep::MarkerAtom;
using pep::MarkerNode;
using pep::MarkerVariable;

struct MarkerSpace::Impl {
  MarkerDiagram diagram;
  std::unordered_map<std::string, DiagramNode> atoms;  // by text
  // A diagram never changes what a node means.
  std::unordered_map<DiagramNode, pep::Marker> as_marker;
  std::unordered_map<DiagramNode, DiagramNode> python_ranges;
};

MarkerSpace::MarkerSpace() : impl_(std::make_unique<Impl>()) {}
MarkerSpace::~MarkerSpace() = default;

MarkerSet MarkerSpace::of(const pep::Marker& marker) {
  if (marker.is_trivial()) return kAll;
  MarkerDiagram& diagram = impl_->diagram;
  const auto nodes = marker.nodes();
  std::vector<DiagramNode> sets(nodes.size());
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const MarkerNode& node = nodes[i];
    if (node.kind == MarkerNode::Kind::atom) {
      const auto [known, is_new] = impl_->atoms.try_emplace(pep::to_string(node.atom), MarkerDiagram::kFalse);
      if (is_new) known->second = diagram_of(diagram, node.atom);
      sets[i] = known->second;
      continue;
    }
    const bool is_all = node.kind == MarkerNode::Kind::all;
    sets[i] = is_all ? MarkerDiagram::kTrue : MarkerDiagram::kFalse;
    // From the end: what is sorted, as we write it, then costs a step for each child.
    for (auto child = node.children.rbegin(); child != node.children.rend(); ++child)
      sets[i] = is_all ? diagram.conjunction(sets[*child], sets[i]) : diagram.disjunction(sets[*child], sets[i]);
  }
  return {sets.back()};
}

MarkerSet MarkerSpace::of_python(const pep::SpecifierSet& requires_python, bool lower_bounds_only) {
  return {diagram_of_python(impl_->diagram, requires_python, lower_bounds_only)};
}

MarkerSet MarkerSpace::known_platforms() {
  struct Platform {
    const char *sys_platform, *os_name, *platform_system;
  };
  constexpr Platform kPlatforms[] = {
      {"linux", "posix", "Linux"}, {"darwin", "posix", "Darwin"}, {"win32", "nt", "Windows"}};
  constexpr std::pair<const char*, const char*> kImplementations[] = {{"cpython", "CPython"}, {"pypy", "PyPy"}};
  MarkerDiagram& diagram = impl_->diagram;
  const auto is = [&](MarkerVariable variable, const char* text) {
    return diagram_of(diagram, {.variable = variable, .literal = text});
  };
  DiagramNode known = MarkerDiagram::kFalse, others = MarkerDiagram::kTrue;
  for (const Platform& platform : kPlatforms) {
    const DiagramNode system = is(MarkerVariable::platform_system, platform.platform_system);
    const DiagramNode sys = is(MarkerVariable::sys_platform, platform.sys_platform);
    known = diagram.disjunction(
        known, diagram.conjunction(diagram.conjunction(sys, is(MarkerVariable::os_name, platform.os_name)), system));
    others = diagram.conjunction(others, diagram.negation(diagram.disjunction(sys, system)));
  }
  others = diagram.conjunction(others, diagram.negation(is(MarkerVariable::os_name, "nt")));
  DiagramNode result = diagram.disjunction(known, others);
  for (const auto& [name, platform_name] : kImplementations) {
    const DiagramNode a = is(MarkerVariable::implementation_name, name);
    const DiagramNode b = is(MarkerVariable::platform_python_implementation, platform_name);
    const DiagramNode same =
        diagram.disjunction(diagram.conjunction(a, b), diagram.conjunction(diagram.negation(a), diagram.negation(b)));
    result = diagram.conjunction(result, same);
  }
  return {result};
}

MarkerSet MarkerSpace::at_most_one_of(std::span<const std::vector<MarkerAtom>> sets) {
  MarkerDiagram& diagram = impl_->diagram;
  std::set<std::string> booleans;
  for (const ChoiceGroup& group : choice_groups(sets)) {
    diagram.add_choice(group);
    if (group.is_whole) continue;
    for (const MarkerAtom& member : group.members) booleans.insert(pep::to_string(member));
  }
  DiagramNode allowed = MarkerDiagram::kTrue;
  for (const auto& set : sets) {
    if (set.empty() || !booleans.contains(pep::to_string(set.front()))) continue;
    DiagramNode any = MarkerDiagram::kFalse;  // of those before
    for (const MarkerAtom& atom : set) {
      const DiagramNode selected = diagram.membership(atom);
      allowed = diagram.difference(allowed, diagram.conjunction(any, selected));
      any = diagram.disjunction(any, selected);
    }
  }
  return {allowed};
}

MarkerSet MarkerSpace::both(MarkerSet a, MarkerSet b) { return {impl_->diagram.conjunction(a.id, b.id)}; }
MarkerSet MarkerSpace::either(MarkerSet a, MarkerSet b) { return {impl_->diagram.disjunction(a.id, b.id)}; }
MarkerSet MarkerSpace::negation(MarkerSet a) { return {impl_->diagram.negation(a.id)}; }
MarkerSet MarkerSpace::without(MarkerSet a, MarkerSet b) { return {impl_->diagram.difference(a.id, b.id)}; }
bool MarkerSpace::disjoint(MarkerSet a, MarkerSet b) { return impl_->diagram.disjoint(a.id, b.id); }
bool MarkerSpace::implies(MarkerSet a, MarkerSet b) { return impl_->diagram.implies(a.id, b.id); }
std::size_t MarkerSpace::size() const { return impl_->diagram.size(); }

MarkerSet MarkerSpace::with_extra(MarkerSet set, const pep::Name& extra, bool value) {
  MarkerDiagram& diagram = impl_->diagram;
  const std::uint32_t variable =
      diagram.variable(Branching::boolean, {.variable = MarkerVariable::extra, .literal = extra.str()});
  return {
      diagram.decide(set.id, [&](std::uint32_t id) { return id == variable ? std::optional(value) : std::nullopt; })};
}

MarkerSet MarkerSpace::without_extras(MarkerSet set) {
  const MarkerDiagram& diagram = impl_->diagram;
  const auto holds = [&](std::uint32_t id) -> std::optional<bool> {
    const MarkerAtom& atom = diagram.variable_at(id).atom;
    if (atom.variable != MarkerVariable::extra) return std::nullopt;
    // Without an extra the variable is the empty text.
    return pep::Marker::from_nodes({MarkerNode{.atom = atom}}).evaluate({.environment = {}});
  };
  return {impl_->diagram.decide(set.id, holds)};
}

namespace {

// Each node of the sets once.
template <class Visit>
void each_node(const MarkerDiagram& diagram, std::span<const MarkerSet> sets, const Visit& visit) {
  std::vector<bool> seen(diagram.size(), false);
  std::vector<DiagramNode> open;
  for (const MarkerSet set : sets) open.push_back(set.id);
  while (!open.empty()) {
    const DiagramNode node = open.back();
    open.pop_back();
    if (node <= MarkerDiagram::kTrue || seen[node]) continue;
    seen[node] = true;
    visit(node);
    for (const DiagramNode child : diagram.children(node)) open.push_back(child);
  }
}

}  // namespace

std::set<std::string> MarkerSpace::memberships_in(std::span<const MarkerSet> sets) const {
  const MarkerDiagram& diagram = impl_->diagram;
  std::set<std::string> found;
  each_node(diagram, sets, [&](DiagramNode node) {
    const DiagramVariable& variable = diagram.variable_of(node);
    const MarkerVariable what = variable.atom.variable;
    if (variable.branching == Branching::boolean &&
        (what == MarkerVariable::extras || what == MarkerVariable::dependency_groups))
      found.insert(pep::to_string(variable.atom));
  });
  return found;
}

// --- choices ---------------------------------------------------------------------------------------------------------

std::set<ChoiceId> MarkerSpace::choices() const {
  std::set<ChoiceId> all;
  for (std::uint32_t id = 0; id < impl_->diagram.variable_count(); ++id)
    if (impl_->diagram.variable_at(id).branching == Branching::choice) all.insert(id);
  return all;
}

ChoiceSelection MarkerSpace::selections_of(ChoiceId choice) const {
  return static_cast<ChoiceSelection>(impl_->diagram.variable_at(choice).choice->selections.size());
}

std::string MarkerSpace::choice_text(ChoiceId choice) const {
  std::string text;
  for (const MarkerAtom& member : impl_->diagram.variable_at(choice).choice->members)
    append(text, text.empty() ? "" : ", ", member.literal);
  return text;
}

MarkerSet MarkerSpace::chosen(ChoiceId choice, ChoiceSelection selection) {
  MarkerDiagram& diagram = impl_->diagram;
  if (selection != kNothingSelected) return {diagram.equals(choice, selection)};
  std::vector<Label> labels;
  for (Label label = 0; label < selections_of(choice); ++label) labels.push_back(label);
  std::vector<DiagramNode> children(labels.size(), MarkerDiagram::kFalse);
  children.push_back(MarkerDiagram::kTrue);
  return {diagram.make(choice, labels, children)};
}

std::set<ChoiceId> MarkerSpace::choices_in(std::span<const MarkerSet> sets) const {
  const MarkerDiagram& diagram = impl_->diagram;
  std::set<ChoiceId> found;
  each_node(diagram, sets, [&](DiagramNode node) {
    if (diagram.variable_of(node).branching == Branching::choice) found.insert(diagram.variable_id(node));
  });
  return found;
}

MarkerSet MarkerSpace::given(MarkerSet set, const std::map<ChoiceId, ChoiceSelection>& decided) {
  MarkerDiagram& diagram = impl_->diagram;
  std::unordered_map<DiagramNode, DiagramNode> done;
  const std::function<DiagramNode(DiagramNode)> decide = [&](DiagramNode node) -> DiagramNode {
    if (node <= MarkerDiagram::kTrue) return node;
    if (const auto known = done.find(node); known != done.end()) return known->second;
    std::vector<Label> labels(diagram.labels(node).begin(), diagram.labels(node).end());
    std::vector<DiagramNode> children(diagram.children(node).begin(), diagram.children(node).end());
    const auto own = decided.find(diagram.variable_id(node));
    DiagramNode result = node;
    if (own != decided.end()) {
      const auto label = std::ranges::find(labels, Label{own->second});
      result = decide(children[static_cast<std::size_t>(label - labels.begin())]);
    } else {
      for (DiagramNode& child : children) child = decide(child);
      result = diagram.make(diagram.variable_id(node), labels, children);
    }
    done.emplace(node, result);
    return result;
  };
  return {decide(set.id)};
}

std::uint64_t MarkerSpace::lowest_python(MarkerSet set) {
  const DiagramNode range = python_range_of(set).id;
  MarkerDiagram& diagram = impl_->diagram;
  if (range <= MarkerDiagram::kTrue || diagram.children(range).front() == MarkerDiagram::kTrue) return 0;
  return diagram.labels(range).front();
}

MarkerSet MarkerSpace::python_range_of(MarkerSet set) {
  MarkerDiagram& diagram = impl_->diagram;
  const std::function<DiagramNode(DiagramNode)> reduce = [&](DiagramNode node) -> DiagramNode {
    if (node <= MarkerDiagram::kTrue) return node;
    if (const auto known = impl_->python_ranges.find(node); known != impl_->python_ranges.end()) return known->second;
    std::vector<DiagramNode> children(diagram.children(node).begin(), diagram.children(node).end());
    DiagramNode result = MarkerDiagram::kFalse;
    if (diagram.variable_of(node).branching == Branching::python) {
      std::vector<Label> labels(diagram.labels(node).begin(), diagram.labels(node).end());
      // Nothing is false but the empty set: whatever else is asked, some environment answers it.
      for (DiagramNode& child : children)
        if (child != MarkerDiagram::kFalse) child = MarkerDiagram::kTrue;
      result = diagram.make(diagram.variable_id(node), labels, children);
    } else {
      for (const DiagramNode child : children) result = diagram.disjunction(result, reduce(child));
    }
    impl_->python_ranges.emplace(node, result);
    return result;
  };
  return {reduce(set.id)};
}

MarkerSet MarkerSpace::simplify(MarkerSet set, MarkerSet assumption) {
  return {impl_->diagram.restrict_to(set.id, assumption.id)};
}

pep::Marker MarkerSpace::marker(MarkerSet set) {
  const auto [known, is_new] = impl_->as_marker.try_emplace(set.id);
  if (is_new) {
    const MarkerDiagram::Scratch scratch(impl_->diagram);
    known->second = marker_of(impl_->diagram, set.id);
  }
  return known->second;
}

namespace {

// Whether a value of the context lies in this branch, given that it lies in none before.
bool is_in_branch(const MarkerDiagram& diagram, const DiagramVariable& variable, Label label,
                  const pep::MarkerContext& context) {
  const auto holds = [&](MarkerAtom atom) {
    return pep::Marker::from_nodes({MarkerNode{.atom = std::move(atom)}}).evaluate(context);
  };
  switch (variable.branching) {
    case Branching::boolean:
      return holds(variable.atom);
    case Branching::text:
      return holds({.variable = variable.atom.variable, .literal = diagram.text_of(label)});
    case Branching::choice: {
      const auto& members = variable.choice->members;
      const auto& selected = variable.choice->selections[label];
      for (std::uint32_t i = 0; i < members.size(); ++i)
        if (holds(members[i]) != (std::ranges::find(selected, i) != selected.end())) return false;
      return true;
    }
    case Branching::version: {
      const auto& [version, after] = diagram.cut_of(label);
      return holds({.variable = variable.atom.variable,
                    .op = after ? pep::MarkerOperator::less_equal : pep::MarkerOperator::less,
                    .literal = version.to_string()});
    }
    case Branching::python: {
      const auto version = pep::Version::try_parse(context.environment.python_full_version);
      const auto release = version ? version->release() : std::vector<std::uint64_t>();
      const auto at = [&](std::size_t k) { return k < release.size() ? release[k] : 0; };
      return python_label(at(0), at(1), at(2)) < label;
    }
  }
  return false;
}

}  // namespace

bool MarkerSpace::contains(MarkerSet set, const pep::MarkerContext& context) {
  const MarkerDiagram& diagram = impl_->diagram;
  DiagramNode node = set.id;
  while (node > MarkerDiagram::kTrue) {
    const auto labels = diagram.labels(node);
    std::size_t child = 0;
    while (child < labels.size() && !is_in_branch(diagram, diagram.variable_of(node), labels[child], context)) ++child;
    node = diagram.children(node)[child];
  }
  return node == MarkerDiagram::kTrue;
}

}  // namespace pkg::resolver
