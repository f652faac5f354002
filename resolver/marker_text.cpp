// From a diagram to a disjunction of cubes. A cube says for some variables which values are allowed: an interval, all
// but an interval of one Python, one text, all but some texts, true or false. Paths of the diagram give a first,
// correct list; then cubes are widened as far as the diagram allows, and those that the others cover are dropped.

#include "resolver/marker_text.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "base/text.h"

namespace pkg::resolver {

using pep::MarkerAtom;
using pep::MarkerNode;
using pep::MarkerOperator;
using pep::MarkerVariable;

namespace {

constexpr std::size_t kMostWidened = 200;  // cubes: more are printed as they are

// What a cube says of one variable.
struct Literal {
  std::uint32_t variable = 0;
  std::optional<Label> from, to;  // cuts: [from, to)
  std::vector<Label> values;      // texts
  bool negated = false;           // of values, of [from, to), of a boolean
  bool operator==(const Literal&) const = default;
};
using Cube = std::vector<Literal>;

class Writer {
 public:
  explicit Writer(MarkerDiagram& diagram) : diagram_(diagram) {}

  pep::Marker write(DiagramNode node) {
    whole_ = node;
    Cube path;
    walk(node, path);
    if (cubes_.size() <= kMostWidened) {
      widen();
      drop_covered();
    }
    merge_alternatives();
    return print();
  }

 private:
  bool is_cut(std::uint32_t variable) const {
    const Branching branching = diagram_.variable_at(variable).branching;
    return branching == Branching::python || branching == Branching::version;
  }

  // One cube for each way to true; neighbouring branches that lead to the same place are taken together where one
  // literal says so.
  void walk(DiagramNode node, Cube& path) {
    if (node == MarkerDiagram::kFalse) return;
    if (node == MarkerDiagram::kTrue) {
      cubes_.push_back(path);
      return;
    }
    const std::uint32_t variable = diagram_.variable_id(node);
    const std::vector<Label> labels(diagram_.labels(node).begin(), diagram_.labels(node).end());
    const std::vector<DiagramNode> children(diagram_.children(node).begin(), diagram_.children(node).end());
    const auto go = [&](Literal literal, DiagramNode child) {
      literal.variable = variable;
      path.push_back(std::move(literal));
      walk(child, path);
      path.pop_back();
    };
    if (is_cut(variable)) {
      for (std::size_t i = 0; i < children.size(); ++i) {
        Literal literal;
        if (i > 0) literal.from = labels[i - 1];
        if (i < labels.size()) literal.to = labels[i];
        go(std::move(literal), children[i]);
      }
      return;
    }
    for (std::size_t i = 0; i < labels.size(); ++i) {
      Literal literal;
      literal.values = {labels[i]};
      go(std::move(literal), children[i]);
    }
    Literal others;
    others.values = labels;
    others.negated = true;
    go(std::move(others), children.back());
  }

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
    for (const Literal& literal : cube) node = diagram_.conjunction(node, node_of(literal));
    return node;
  }

  bool fits(const Cube& cube) {
    return diagram_.conjunction(node_of(cube), diagram_.negation(whole_)) == MarkerDiagram::kFalse;
  }

  void widen() {
    for (Cube& cube : cubes_) {
      for (std::size_t i = cube.size(); i-- > 0;) {
        Cube wider = cube;
        wider.erase(wider.begin() + static_cast<std::ptrdiff_t>(i));
        if (fits(wider)) {
          cube = std::move(wider);
          continue;
        }
        if (is_cut(cube[i].variable)) {
          for (const bool lower : {true, false}) {
            auto& bound = lower ? cube[i].from : cube[i].to;
            if (!bound) continue;
            const auto kept = bound;
            bound.reset();
            if (!fits(cube)) bound = kept;
          }
          for (const bool lower : {true, false}) step_out(cube, i, lower);
        } else if (cube[i].negated) {
          shrink_values(cube, i);
        }
      }
    }
  }

  // A bound moved outwards to the cuts of the diagram, as far as it goes.
  void step_out(Cube& cube, std::size_t i, bool lower) {
    for (const Label cut : all_cuts(cube[i].variable)) {
      auto& bound = lower ? cube[i].from : cube[i].to;
      if (!bound) return;
      const std::uint32_t variable = cube[i].variable;
      const bool outside = lower ? diagram_.before(variable, cut, *bound) : diagram_.before(variable, *bound, cut);
      if (!outside) continue;
      const auto kept = bound;
      bound = cut;
      if (!fits(cube)) bound = kept;
    }
  }

  std::vector<Label> all_cuts(std::uint32_t variable) {
    std::vector<Label> cuts;
    for (const Cube& cube : cubes_)
      for (const Literal& literal : cube) {
        if (literal.variable != variable) continue;
        for (const auto& bound : {literal.from, literal.to})
          if (bound && std::ranges::find(cuts, *bound) == cuts.end()) cuts.push_back(*bound);
      }
    std::ranges::sort(cuts, [&](Label a, Label b) { return diagram_.before(variable, a, b); });
    return cuts;
  }

  void shrink_values(Cube& cube, std::size_t i) {
    for (std::size_t v = cube[i].values.size(); v-- > 0 && cube[i].values.size() > 1;) {
      const Label kept = cube[i].values[v];
      cube[i].values.erase(cube[i].values.begin() + static_cast<std::ptrdiff_t>(v));
      if (!fits(cube)) cube[i].values.insert(cube[i].values.begin() + static_cast<std::ptrdiff_t>(v), kept);
    }
  }

  void drop_covered() {
    std::vector<Cube> unique;
    for (Cube& cube : cubes_)
      if (std::ranges::find(unique, cube) == unique.end()) unique.push_back(std::move(cube));
    // The most special ones go first.
    std::vector<std::size_t> order(unique.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::ranges::stable_sort(order, std::ranges::greater{}, [&](std::size_t i) { return unique[i].size(); });
    std::vector<bool> dropped(unique.size(), false);
    for (const std::size_t candidate : order) {
      DiagramNode rest = MarkerDiagram::kFalse;
      for (std::size_t i = 0; i < unique.size(); ++i)
        if (i != candidate && !dropped[i]) rest = diagram_.disjunction(rest, node_of(unique[i]));
      dropped[candidate] =
          diagram_.conjunction(node_of(unique[candidate]), diagram_.negation(rest)) == MarkerDiagram::kFalse;
    }
    cubes_.clear();
    for (std::size_t i = 0; i < unique.size(); ++i)
      if (!dropped[i]) cubes_.push_back(std::move(unique[i]));
  }

  // Two cubes that differ in one variable only become one: "linux or darwin", "before 3.9 or from 3.10 on".
  void merge_alternatives() {
    for (std::size_t i = 0; i < cubes_.size(); ++i)
      for (std::size_t j = i + 1; j < cubes_.size();) {
        if (merge(cubes_[i], cubes_[j])) {
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
      if (a.negated || b.negated || diagram_.variable_at(a.variable).branching != Branching::text) return false;
      a.values.insert(a.values.end(), b.values.begin(), b.values.end());
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
