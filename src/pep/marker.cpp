#include "pep/marker.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/text.h"
#include "pep/specifier.h"

namespace pkg::pep {

namespace {

constexpr std::string_view kVariableNames[] = {"os_name",
                                               "sys_platform",
                                               "platform_machine",
                                               "platform_python_implementation",
                                               "platform_release",
                                               "platform_system",
                                               "platform_version",
                                               "python_version",
                                               "python_full_version",
                                               "implementation_name",
                                               "implementation_version",
                                               "extra",
                                               "extras",
                                               "dependency_groups",
                                               "variant_namespaces",
                                               "variant_features",
                                               "variant_properties",
                                               "variant_label"};
constexpr std::string_view kOperatorNames[] = {"==", "!=", "<=", ">=", "<", ">", "~=", "===", "in", "not in"};
constexpr Operator kVersionOperators[] = {Operator::equal,         Operator::not_equal, Operator::less_equal,
                                          Operator::greater_equal, Operator::less,      Operator::greater,
                                          Operator::compatible,    Operator::arbitrary};

bool is_version_valued(MarkerVariable variable) {
  return variable == MarkerVariable::python_version || variable == MarkerVariable::python_full_version ||
         variable == MarkerVariable::implementation_version || variable == MarkerVariable::platform_release;
}

const std::string& value_of(MarkerVariable variable, const Environment& environment) {
  switch (variable) {
    case MarkerVariable::os_name:
      return environment.os_name;
    case MarkerVariable::sys_platform:
      return environment.sys_platform;
    case MarkerVariable::platform_machine:
      return environment.platform_machine;
    case MarkerVariable::platform_python_implementation:
      return environment.platform_python_implementation;
    case MarkerVariable::platform_release:
      return environment.platform_release;
    case MarkerVariable::platform_system:
      return environment.platform_system;
    case MarkerVariable::platform_version:
      return environment.platform_version;
    case MarkerVariable::python_version:
      return environment.python_version;
    case MarkerVariable::python_full_version:
      return environment.python_full_version;
    case MarkerVariable::implementation_name:
      return environment.implementation_name;
    case MarkerVariable::implementation_version:
      return environment.implementation_version;
    case MarkerVariable::extra:
    case MarkerVariable::extras:
    case MarkerVariable::dependency_groups:
    case MarkerVariable::variant_namespaces:
    case MarkerVariable::variant_features:
    case MarkerVariable::variant_properties:
    case MarkerVariable::variant_label:
      break;
  }
  static const std::string kNone;
  return kNone;
}

// A comparison to which the standard gives no meaning does not hold. Texts have no order: "<=" and ">=" are equality,
// "<" and ">" never hold.
bool compare_texts(std::string_view left, MarkerOperator op, std::string_view right) {
  switch (op) {
    case MarkerOperator::equal:
    case MarkerOperator::less_equal:
    case MarkerOperator::greater_equal:
      return left == right;
    case MarkerOperator::not_equal:
      return left != right;
    case MarkerOperator::less:
    case MarkerOperator::greater:
      return false;
    case MarkerOperator::in:
      return right.find(left) != std::string_view::npos;
    case MarkerOperator::not_in:
      return right.find(left) == std::string_view::npos;
    case MarkerOperator::compatible:
    case MarkerOperator::arbitrary:
      break;
  }
  return false;
}

// As versions when the right side makes a version specifier together with the operator, as texts otherwise.
bool compare_versions(std::string_view left, MarkerOperator op, std::string_view right) {
  if (op == MarkerOperator::in || op == MarkerOperator::not_in) return compare_texts(left, op, right);
  const auto specifier = Specifier::try_parse(kVersionOperators[static_cast<int>(op)], right);
  return specifier ? specifier->contains_text(left) : compare_texts(left, op, right);
}

MarkerOperator affirmed(MarkerOperator op) {
  if (op == MarkerOperator::not_equal) return MarkerOperator::equal;
  return op == MarkerOperator::not_in ? MarkerOperator::in : op;
}

// A set of active extras: "extra == x" asks for membership. Without any, the variable is the empty text.
bool compare_extra(const MarkerAtom& atom, std::span<const Name> extras) {
  const auto compare = [&](std::string_view extra, MarkerOperator op) {
    return atom.reversed ? compare_texts(atom.literal, op, extra) : compare_texts(extra, op, atom.literal);
  };
  if (extras.empty()) return compare({}, atom.op);
  const bool negated = atom.op == MarkerOperator::not_equal || atom.op == MarkerOperator::not_in;
  const MarkerOperator op = affirmed(atom.op);
  const bool any =
      std::any_of(extras.begin(), extras.end(), [&](const Name& extra) { return compare(extra.str(), op); });
  return any != negated;
}

// Only "x" in extras, "x" not in dependency_groups have a meaning.
bool compare_set(const MarkerAtom& atom, std::span<const Name> names, bool exists) {
  if (!exists || !atom.reversed || (atom.op != MarkerOperator::in && atom.op != MarkerOperator::not_in)) return false;
  const bool member =
      std::any_of(names.begin(), names.end(), [&](const Name& name) { return name.str() == atom.literal; });
  return member == (atom.op == MarkerOperator::in);
}

bool is_about_variant(MarkerVariable variable) { return variable >= MarkerVariable::variant_namespaces; }

bool is_about_variant(const MarkerNode& node) {
  return node.kind == MarkerNode::Kind::atom && node.atom.sides != MarkerAtom::Sides::two_literals &&
         is_about_variant(node.atom.variable);
}

// Whether the variant has the namespace "a", the feature "a::b", the property "a::b::c", whichever the variable is of.
bool has_in_variant(const WheelVariant& variant, MarkerVariable variable, std::string_view wanted) {
  for (const auto& ns : variant.properties) {
    if (variable == MarkerVariable::variant_namespaces && ns.name == wanted) return true;
    for (const auto& feature : ns.features) {
      const auto prefix = cat(ns.name, "::", feature.name);
      if (variable == MarkerVariable::variant_features && prefix == wanted) return true;
      if (variable != MarkerVariable::variant_properties) continue;
      for (const auto& value : feature.values)
        if (cat(prefix, "::", value) == wanted) return true;
    }
  }
  return false;
}

// The label is a text. Of the sets only "x" in variant_properties and "x" not in variant_properties have a meaning;
// white space does not count.
bool compare_variant(const MarkerAtom& atom, const WheelVariant* variant) {
  if (atom.variable == MarkerVariable::variant_label) {
    const std::string_view label = variant == nullptr ? std::string_view() : variant->label;
    return atom.reversed ? compare_texts(atom.literal, atom.op, label) : compare_texts(label, atom.op, atom.literal);
  }
  if (!atom.reversed || (atom.op != MarkerOperator::in && atom.op != MarkerOperator::not_in)) return false;
  std::string wanted;
  std::ranges::copy_if(atom.literal, std::back_inserter(wanted), [](char c) { return c != ' ' && c != '\t'; });
  const bool has = variant != nullptr && has_in_variant(*variant, atom.variable, wanted);
  return has == (atom.op == MarkerOperator::in);
}

bool evaluate_atom(const MarkerAtom& atom, const MarkerContext& context) {
  if (atom.sides == MarkerAtom::Sides::two_literals) return false;
  if (is_about_variant(atom.variable)) return compare_variant(atom, context.variant);
  if (atom.variable == MarkerVariable::extra) return compare_extra(atom, context.extras);
  if (atom.variable == MarkerVariable::extras) return compare_set(atom, context.lock_extras, context.is_lock_file);
  if (atom.variable == MarkerVariable::dependency_groups)
    return compare_set(atom, context.lock_groups, context.is_lock_file);
  std::string_view value = value_of(atom.variable, context.environment);
  // A Python built from a modified source tree says "3.15.0a8+": the label after "+" is missing for a version.
  std::string completed;
  if (atom.variable == MarkerVariable::python_full_version && value.ends_with('+')) {
    completed = cat(value, "local");
    value = completed;
  }
  const auto compare = is_version_valued(atom.variable) ? compare_versions : compare_texts;
  return atom.reversed ? compare(atom.literal, atom.op, value) : compare(value, atom.op, atom.literal);
}

std::string quote_literal(std::string_view text) {
  const char mark = text.find('"') == std::string_view::npos ? '"' : '\'';
  return cat(mark, text, mark);
}

std::string join_children(const MarkerNode& node, const std::vector<MarkerNode>& nodes,
                          const std::vector<std::string>& texts) {
  std::string out;
  for (const std::uint32_t child : node.children) {
    if (!out.empty()) out += node.kind == MarkerNode::Kind::all ? " and " : " or ";
    const MarkerNode& part = nodes[child];
    const bool needed =
        part.kind == node.kind || (part.kind == MarkerNode::Kind::any && node.kind == MarkerNode::Kind::all);
    if (part.kind != MarkerNode::Kind::atom && (needed || part.parenthesized)) {
      append(out, '(', texts[child], ')');
    } else {
      out += texts[child];
    }
  }
  return out;
}

Marker conjunction(const Marker& a, const Marker& b) {
  std::vector<MarkerNode> nodes(a.nodes().begin(), a.nodes().end());
  const auto offset = static_cast<std::uint32_t>(nodes.size());
  for (MarkerNode node : b.nodes()) {
    for (std::uint32_t& child : node.children) child += offset;
    nodes.push_back(std::move(node));
  }
  MarkerNode root;
  root.kind = MarkerNode::Kind::all;
  root.children = {offset - 1, static_cast<std::uint32_t>(nodes.size()) - 1};
  nodes.push_back(std::move(root));
  return Marker::from_nodes(std::move(nodes));
}

Marker membership(MarkerVariable variable, const Name& name) {
  MarkerNode node;
  node.atom = {.variable = variable, .op = MarkerOperator::in, .literal = name.str(), .reversed = true};
  return Marker::from_nodes({std::move(node)});
}

MarkerOperator marker_operator(Operator op) {
  switch (op) {
    case Operator::equal:
      return MarkerOperator::equal;
    case Operator::not_equal:
      return MarkerOperator::not_equal;
    case Operator::less_equal:
      return MarkerOperator::less_equal;
    case Operator::greater_equal:
      return MarkerOperator::greater_equal;
    case Operator::less:
      return MarkerOperator::less;
    case Operator::greater:
      return MarkerOperator::greater;
    case Operator::compatible:
      return MarkerOperator::compatible;
    case Operator::arbitrary:
      break;
  }
  return MarkerOperator::arbitrary;
}

}  // namespace

std::string_view to_string(MarkerVariable variable) { return kVariableNames[static_cast<int>(variable)]; }
std::string_view to_string(MarkerOperator op) { return kOperatorNames[static_cast<int>(op)]; }

std::string to_string(const MarkerAtom& atom) {
  const std::string_view op = to_string(atom.op), literal = atom.literal;
  switch (atom.sides) {
    case MarkerAtom::Sides::two_literals:
      return cat(quote_literal(literal.substr(0, atom.split)), ' ', op, ' ', quote_literal(literal.substr(atom.split)));
    case MarkerAtom::Sides::two_variables:
      return cat(to_string(atom.variable), ' ', op, ' ', literal);
    case MarkerAtom::Sides::variable_and_literal:
      break;
  }
  return atom.reversed ? cat(quote_literal(literal), ' ', op, ' ', to_string(atom.variable))
                       : cat(to_string(atom.variable), ' ', op, ' ', quote_literal(literal));
}

Marker Marker::from_nodes(std::vector<MarkerNode> nodes) {
  Marker marker;
  if (!nodes.empty()) marker.nodes_ = std::make_shared<const std::vector<MarkerNode>>(std::move(nodes));
  return marker;
}

std::span<const MarkerNode> Marker::nodes() const {
  return nodes_ == nullptr ? std::span<const MarkerNode>() : *nodes_;
}

bool Marker::evaluate(const MarkerContext& context) const {
  if (is_trivial()) return true;
  if (nodes_->size() == 1) return evaluate_atom(nodes_->front().atom, context);
  std::vector<bool> values(nodes_->size());
  for (std::size_t i = 0; i < nodes_->size(); ++i) {
    const MarkerNode& node = (*nodes_)[i];
    const auto holds = [&](std::uint32_t child) { return values[child]; };
    switch (node.kind) {
      case MarkerNode::Kind::atom:
        values[i] = evaluate_atom(node.atom, context);
        break;
      case MarkerNode::Kind::all:
        values[i] = std::all_of(node.children.begin(), node.children.end(), holds);
        break;
      case MarkerNode::Kind::any:
        values[i] = std::any_of(node.children.begin(), node.children.end(), holds);
        break;
    }
  }
  return values.back();
}

bool Marker::mentions_extra() const {
  const auto all = nodes();
  return std::any_of(all.begin(), all.end(), [](const MarkerNode& node) {
    return node.kind == MarkerNode::Kind::atom && node.atom.sides != MarkerAtom::Sides::two_literals &&
           node.atom.variable == MarkerVariable::extra;
  });
}

bool Marker::mentions_variant() const {
  return std::ranges::any_of(nodes(), [](const MarkerNode& node) { return is_about_variant(node); });
}

std::optional<Marker> Marker::for_variant(const WheelVariant* variant) const {
  if (!mentions_variant()) return *this;
  constexpr std::uint32_t kHolds = UINT32_MAX, kNever = UINT32_MAX - 1;  // of places: nothing is left to say
  const Environment nowhere;
  const MarkerContext context{.environment = nowhere, .variant = variant};
  std::vector<MarkerNode> left;
  std::vector<std::uint32_t> places;  // of each node in `left`
  for (const MarkerNode& node : *nodes_) {
    if (is_about_variant(node)) {
      places.push_back(evaluate_atom(node.atom, context) ? kHolds : kNever);
      continue;
    }
    const bool is_all = node.kind == MarkerNode::Kind::all;
    const std::uint32_t neutral = is_all ? kHolds : kNever, deciding = is_all ? kNever : kHolds;
    MarkerNode copy = node;
    copy.children.clear();
    bool is_decided = false;
    for (const std::uint32_t child : node.children) {
      is_decided = is_decided || places[child] == deciding;
      if (places[child] != neutral) copy.children.push_back(places[child]);
    }
    const bool is_atom = node.kind == MarkerNode::Kind::atom;
    if (!is_atom && (is_decided || copy.children.size() < 2)) {
      places.push_back(is_decided ? deciding : copy.children.empty() ? neutral : copy.children.front());
      continue;
    }
    places.push_back(static_cast<std::uint32_t>(left.size()));
    left.push_back(std::move(copy));
  }
  if (places.back() == kNever) return std::nullopt;
  if (places.back() == kHolds) return Marker();
  left.resize(places.back() + 1);  // the root is the last
  return from_nodes(std::move(left));
}

std::string Marker::to_string() const {
  if (is_trivial()) return {};
  std::vector<std::string> texts(nodes_->size());
  for (std::size_t i = 0; i < nodes_->size(); ++i) {
    const MarkerNode& node = (*nodes_)[i];
    texts[i] = node.kind == MarkerNode::Kind::atom ? pep::to_string(node.atom) : join_children(node, *nodes_, texts);
  }
  return std::move(texts.back());
}

bool Marker::operator==(const Marker& other) const {
  if (nodes_ == other.nodes_) return true;
  return nodes_ != nullptr && other.nodes_ != nullptr && *nodes_ == *other.nodes_;
}

Marker both(const Marker& a, const Marker& b) {
  if (a.is_trivial()) return b;
  return b.is_trivial() ? a : conjunction(a, b);
}

Marker in_extras(const Name& extra) { return membership(MarkerVariable::extras, extra); }
Marker in_dependency_groups(const Name& group) { return membership(MarkerVariable::dependency_groups, group); }

Marker for_pythons(const SpecifierSet& pythons) {
  std::vector<MarkerNode> nodes;
  MarkerNode all;
  all.kind = MarkerNode::Kind::all;
  for (const Specifier& part : pythons.parts()) {
    all.children.push_back(static_cast<std::uint32_t>(nodes.size()));
    nodes.emplace_back().atom = {.variable = MarkerVariable::python_full_version,
                                 .op = marker_operator(part.op),
                                 .literal = part.version_text()};
  }
  if (nodes.size() > 1) nodes.push_back(std::move(all));
  return Marker::from_nodes(std::move(nodes));
}

}  // namespace pkg::pep
