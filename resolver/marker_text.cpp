// The text of a set: the cubes that cover it (marker_cover.h), less those that the others hold already; cubes that
// differ in one variable become one ("linux or darwin", "not 3.9"). A cube says for some variables which values are
// allowed: an interval, all but an interval of one Python, some texts, all but some texts, true or false.

#include "resolver/marker_text.h"

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "resolver/marker_cover.h"

namespace pkg::resolver {

using pep::MarkerAtom;
using pep::MarkerNode;
using pep::MarkerOperator;
using pep::MarkerVariable;

namespace {

constexpr std::size_t kMostCompared = 24;  // cubes: of more, none is looked for that the others hold already

class Writer {
 public:
  explicit Writer(MarkerDiagram& diagram) : diagram_(diagram) {}

  pep::Marker write(DiagramNode node) {
    cubes_ = cover_of(diagram_, node, node);
    if (cubes_.size() <= kMostCompared) drop_covered();
    merge_alternatives();
    spell_selections();
    sort();
    return print();
  }

 private:
  bool is_cut(std::uint32_t variable) const { return diagram_.variable_at(variable).is_cut(); }

  DiagramNode node_of(const Literal& literal) {
    DiagramNode node = MarkerDiagram::kFalse;
    if (is_cut(literal.variable)) {
      node = diagram_.between(literal.variable, literal.from.value_or(0), literal.from.has_value(),
                              literal.to.value_or(MarkerDiagram::kEnd));
    } else {
      for (const Label value : literal.values)
        node = diagram_.disjunction(node, diagram_.equals(literal.variable, value));
    }
    return literal.negated ? diagram_.negation(node) : node;
  }

  DiagramNode node_of(const Cube& cube) {
    DiagramNode node = MarkerDiagram::kTrue;
    for (auto literal = cube.rbegin(); literal != cube.rend(); ++literal)
      node = diagram_.conjunction(node_of(*literal), node);
    return node;
  }

  // A cube that later ones hold as well. The most special ones go first.
  void drop_covered() {
    std::vector<DiagramNode> nodes;
    for (const Cube& cube : cubes_) nodes.push_back(node_of(cube));
    std::vector<std::size_t> order(cubes_.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::ranges::stable_sort(order, std::ranges::greater{}, [&](std::size_t i) { return cubes_[i].size(); });
    std::vector<bool> dropped(cubes_.size(), false);
    for (const std::size_t candidate : order) {
      DiagramNode rest = MarkerDiagram::kFalse;
      for (std::size_t i = 0; i < cubes_.size(); ++i)
        if (i != candidate && !dropped[i]) rest = diagram_.disjunction(rest, nodes[i]);
      dropped[candidate] = diagram_.implies(nodes[candidate], rest);
    }
    std::vector<Cube> kept;
    for (std::size_t i = 0; i < cubes_.size(); ++i)
      if (!dropped[i]) kept.push_back(std::move(cubes_[i]));
    cubes_ = std::move(kept);
  }

  // Selections of several members at once: said by what each member must be.
  void spell_selections() {
    const auto is_joined = [&](const Literal& literal) {
      const auto& choice = diagram_.variable_at(literal.variable).choice;
      return choice != nullptr && choice->selections.size() > choice->members.size();
    };
    for (std::size_t i = 0; i < cubes_.size();) {
      const auto joined = std::ranges::find_if(cubes_[i], is_joined);
      if (joined == cubes_[i].end()) {
        ++i;
        continue;
      }
      const std::size_t at = static_cast<std::size_t>(joined - cubes_[i].begin());
      for (const Cube& members : cover_of_selections(*joined)) {
        Cube cube = cubes_[i];
        cube.erase(cube.begin() + static_cast<std::ptrdiff_t>(at));
        cube.insert(cube.begin() + static_cast<std::ptrdiff_t>(at), members.begin(), members.end());
        cubes_.push_back(std::move(cube));
      }
      cubes_.erase(cubes_.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }

  // Members as booleans; nobody asks about selections that do not exist.
  std::vector<Cube> cover_of_selections(const Literal& literal) {
    const ChoiceGroup& group = *diagram_.variable_at(literal.variable).choice;
    const auto node_of_selection = [&](std::span<const std::uint32_t> selected) {
      DiagramNode node = MarkerDiagram::kTrue;
      for (std::uint32_t i = 0; i < group.members.size(); ++i) {
        const DiagramNode member = diagram_.equals(diagram_.variable(Branching::boolean, group.members[i]), 0);
        const bool is_selected = std::ranges::find(selected, i) != selected.end();
        node = is_selected ? diagram_.conjunction(node, member) : diagram_.difference(node, member);
      }
      return node;
    };
    DiagramNode any = node_of_selection({}), wanted = literal.negated ? any : MarkerDiagram::kFalse;
    for (Label label = 0; label < group.selections.size(); ++label) {
      const DiagramNode node = node_of_selection(group.selections[label]);
      any = diagram_.disjunction(any, node);
      if ((std::ranges::find(literal.values, label) == literal.values.end()) == literal.negated)
        wanted = diagram_.disjunction(wanted, node);
    }
    return cover_of(diagram_, wanted, diagram_.disjunction(wanted, diagram_.negation(any)));
  }

  // Short ones first, then by text: an order that does not depend on that of the variables.
  void sort() {
    std::vector<std::pair<std::string, Cube>> by_text;
    for (Cube& cube : cubes_) {
      std::string text;
      for (const Literal& literal : cube)
        for (const MarkerAtom& atom : atoms_of(literal).first) append(text, pep::to_string(atom), " ");
      by_text.emplace_back(std::move(text), std::move(cube));
    }
    std::ranges::sort(by_text, [](const auto& a, const auto& b) {
      return a.second.size() != b.second.size() ? a.second.size() < b.second.size() : a.first < b.first;
    });
    for (std::size_t i = 0; i < cubes_.size(); ++i) cubes_[i] = std::move(by_text[i].second);
  }

  // Two cubes that differ in one variable only become one: "linux or darwin", "before 3.9 or from 3.10 on".
  void merge_alternatives() {
    const auto has_values = [&](const Cube& cube) {
      return std::ranges::any_of(cube, [&](const Literal& literal) {
        return diagram_.variable_at(literal.variable).branching != Branching::boolean;
      });
    };
    const auto first_plain = std::stable_partition(cubes_.begin(), cubes_.end(), has_values);
    auto mixed = static_cast<std::size_t>(first_plain - cubes_.begin());
    for (std::size_t i = 0; i < mixed; ++i)
      for (std::size_t j = i + 1; j < mixed;) {
        if (merge(cubes_[i], cubes_[j])) {
          --mixed;
          cubes_.erase(cubes_.begin() + static_cast<std::ptrdiff_t>(j));
          j = i + 1;
        } else {
          ++j;
        }
      }
  }

  bool merge(Cube& into, const Cube& other) {
    if (into.size() != other.size()) return false;
    std::optional<std::size_t> different;
    for (std::size_t i = 0; i < into.size(); ++i) {
      if (into[i] == other[i]) continue;
      if (different || into[i].variable != other[i].variable) return false;
      different = i;
    }
    if (!different) return true;
    Literal& a = into[*different];
    const Literal& b = other[*different];
    if (!is_cut(a.variable)) {
      if (a.negated || b.negated || diagram_.variable_at(a.variable).branching == Branching::boolean) return false;
      a.values.insert(a.values.end(), b.values.begin(), b.values.end());
      std::ranges::sort(a.values);
      return true;
    }
    return merge_around_one(a, b);
  }

  // "< 3.9 or >= 3.10" is "!= 3.9".
  bool merge_around_one(Literal& a, const Literal& b) const {
    if (a.negated || b.negated || (a.from.has_value() == b.from.has_value())) return false;
    const Literal& low = a.from ? b : a;
    const Literal& high = a.from ? a : b;
    if (!low.to || low.from || high.to || !high.from) return false;
    Literal hole{a.variable, low.to, high.from, {}, true};
    if (!single(hole)) return false;
    a = std::move(hole);
    return true;
  }

  // --- text ---------------------------------------------------------------------------------------------------------

  static std::uint64_t part(Label label, int at) { return (label >> (20 * at)) & 0xfffff; }

  // The one version that [from, to) holds: "3.9" of python_version, or a full one.
  std::optional<MarkerAtom> single(const Literal& literal) const {
    if (!literal.from || !literal.to) return std::nullopt;
    if (diagram_.variable_at(literal.variable).branching == Branching::version) {
      const auto& [from, from_after] = diagram_.cut_of(*literal.from);
      const auto& [to, to_after] = diagram_.cut_of(*literal.to);
      if (!(from == to) || from_after || !to_after) return std::nullopt;
      return MarkerAtom{.variable = diagram_.variable_at(literal.variable).atom.variable, .literal = from.to_string()};
    }
    const Label from = *literal.from, to = *literal.to;
    if (to == from + 1) return MarkerAtom{.variable = MarkerVariable::python_full_version, .literal = full_text(from)};
    if (part(from, 0) == 0 && part(to, 0) == 0 && to == from + (1u << 20))
      return MarkerAtom{.variable = MarkerVariable::python_version, .literal = minor_text(from)};
    return std::nullopt;
  }

  static std::string minor_text(Label label) { return cat(part(label, 2), ".", part(label, 1)); }
  static std::string full_text(Label label) { return cat(minor_text(label), ".", part(label, 0)); }

  MarkerAtom bound_atom(const Literal& literal, bool lower) const {
    const Label label = lower ? *literal.from : *literal.to;
    if (diagram_.variable_at(literal.variable).branching == Branching::version) {
      const auto& [version, after] = diagram_.cut_of(label);
      const MarkerOperator above = after ? MarkerOperator::greater : MarkerOperator::greater_equal;
      const MarkerOperator below = after ? MarkerOperator::less_equal : MarkerOperator::less;
      return {.variable = diagram_.variable_at(literal.variable).atom.variable,
              .op = lower ? above : below,
              .literal = version.to_string()};
    }
    const bool is_minor = part(label, 0) == 0;
    return {.variable = is_minor ? MarkerVariable::python_version : MarkerVariable::python_full_version,
            .op = lower ? MarkerOperator::greater_equal : MarkerOperator::less,
            .literal = is_minor ? minor_text(label) : full_text(label)};
  }

  // The atoms of a literal, and whether they are alternatives.
  std::pair<std::vector<MarkerAtom>, bool> atoms_of(const Literal& literal) const {
    const DiagramVariable& variable = diagram_.variable_at(literal.variable);
    std::vector<MarkerAtom> atoms;
    if (variable.branching == Branching::boolean) {
      MarkerAtom atom = variable.atom;
      if (literal.negated) atom.op = opposite(atom.op);
      return {{std::move(atom)}, false};
    }
    if (is_cut(literal.variable)) {
      if (auto one = single(literal)) {
        one->op = literal.negated ? MarkerOperator::not_equal : MarkerOperator::equal;
        return {{std::move(*one)}, false};
      }
      if (literal.from) atoms.push_back(bound_atom(literal, true));
      if (literal.to) atoms.push_back(bound_atom(literal, false));
      return {std::move(atoms), false};
    }
    if (variable.branching == Branching::choice) {
      for (const Label value : literal.values) {
        atoms.push_back(variable.choice->members[value]);
        if (literal.negated) atoms.back().op = MarkerOperator::not_in;
      }
      return {std::move(atoms), !literal.negated};
    }
    std::vector<std::string> texts;
    for (const Label value : literal.values) texts.push_back(diagram_.text_of(value));
    std::ranges::sort(texts);
    for (std::string& text : texts) {
      atoms.push_back({.variable = variable.atom.variable,
                       .op = literal.negated ? MarkerOperator::not_equal : MarkerOperator::equal,
                       .literal = std::move(text)});
    }
    return {std::move(atoms), !literal.negated};
  }

  static MarkerOperator opposite(MarkerOperator op) {
    switch (op) {
      case MarkerOperator::equal:
        return MarkerOperator::not_equal;
      case MarkerOperator::in:
        return MarkerOperator::not_in;
      case MarkerOperator::less:
        return MarkerOperator::greater_equal;
      case MarkerOperator::greater:
        return MarkerOperator::less_equal;
      case MarkerOperator::less_equal:
        return MarkerOperator::greater;
      case MarkerOperator::greater_equal:
        return MarkerOperator::less;
      default:
        return MarkerOperator::not_equal;
    }
  }

  std::uint32_t add(MarkerNode node) {
    nodes_.push_back(std::move(node));
    return static_cast<std::uint32_t>(nodes_.size() - 1);
  }

  std::uint32_t add_group(MarkerNode::Kind kind, std::vector<std::uint32_t> children) {
    if (children.size() == 1) return children.front();
    MarkerNode node;
    node.kind = kind;
    node.children = std::move(children);
    return add(std::move(node));
  }

  pep::Marker print() {
    std::vector<std::uint32_t> alternatives;
    for (const Cube& cube : cubes_) {
      std::vector<std::uint32_t> conditions;
      for (const Literal& literal : cube) {
        auto [atoms, are_alternatives] = atoms_of(literal);
        std::vector<std::uint32_t> children;
        for (MarkerAtom& atom : atoms) {
          MarkerNode node;
          node.atom = std::move(atom);
          children.push_back(add(std::move(node)));
        }
        if (are_alternatives && cube.size() > 1) {
          conditions.push_back(add_group(MarkerNode::Kind::any, std::move(children)));
        } else if (are_alternatives) {
          alternatives.insert(alternatives.end(), children.begin(), children.end());
        } else {
          conditions.insert(conditions.end(), children.begin(), children.end());
        }
      }
      if (cube.empty()) return {};
      if (!conditions.empty()) alternatives.push_back(add_group(MarkerNode::Kind::all, std::move(conditions)));
    }
    add_group(MarkerNode::Kind::any, std::move(alternatives));
    return pep::Marker::from_nodes(std::move(nodes_));
  }

  MarkerDiagram& diagram_;
  DiagramNode whole_ = MarkerDiagram::kTrue;
  std::vector<Cube> cubes_;
  std::vector<MarkerNode> nodes_;
};

}  // namespace

pep::Marker marker_of(MarkerDiagram& diagram, DiagramNode node) {
  if (node == MarkerDiagram::kTrue) return {};
  return Writer(diagram).write(node);
}

}  // namespace pkg::resolver
