#pragma once
// Decision diagrams over marker variables: reduced, ordered, hash-consed. The engine under MarkerSpace; knows no marker
// syntax.

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "pep/marker.h"
#include "pep/version.h"

namespace pkg::resolver {

using DiagramNode = std::uint32_t;
using Label = std::uint64_t;

// A Python release as one number that grows with it. Only released versions with three numbers count.
constexpr Label python_label(std::uint64_t major, std::uint64_t minor, std::uint64_t patch) {
  constexpr std::uint64_t kMost = (1u << 20) - 1;
  return (std::min(major, kMost) << 40) | (std::min(minor, kMost) << 20) | std::min(patch, kMost);
}

// How a variable branches.
enum class Branching : std::uint8_t {
  python,   // labels are cuts "from this release on"; n cuts, n + 1 children
  version,  // labels are cuts before or after a version
  text,     // labels are values; the last child is for all others
  boolean,  // one label; the first child is for true
};

struct DiagramVariable {
  Branching branching = Branching::boolean;
  pep::MarkerAtom atom;  // boolean: what is true or false; else its `variable` counts
  std::pair<int, std::string> order;
};

class MarkerDiagram {
 public:
  static constexpr DiagramNode kFalse = 0, kTrue = 1;
  MarkerDiagram();

  std::uint32_t variable(Branching branching, const pep::MarkerAtom& atom);
  Label text_label(const std::string& text);
  Label cut_label(const pep::Version& version, bool after);
  const std::string& text_of(Label label) const { return texts_[label]; }
  const std::pair<pep::Version, bool>& cut_of(Label label) const { return cuts_[label]; }
  const DiagramVariable& variable_of(DiagramNode node) const { return variables_[nodes_[node].variable]; }
  std::uint32_t variable_id(DiagramNode node) const { return nodes_[node].variable; }
  const DiagramVariable& variable_at(std::uint32_t id) const { return variables_[id]; }

  // The node with these branches, reduced. `children` has one more than `labels`, which are in order().
  DiagramNode make(std::uint32_t variable, std::vector<Label> labels, std::vector<DiagramNode> children);
  // True for values in [from, to): cuts; `to` nullptr-like kEnd: no end.
  static constexpr Label kEnd = std::numeric_limits<Label>::max();
  DiagramNode between(std::uint32_t variable, Label from, bool has_from, Label to);
  DiagramNode equals(std::uint32_t variable, Label value);  // text and boolean

  DiagramNode conjunction(DiagramNode a, DiagramNode b) { return apply(true, a, b); }
  DiagramNode disjunction(DiagramNode a, DiagramNode b) { return apply(false, a, b); }
  DiagramNode negation(DiagramNode a);
  // Agrees with `node` where `care` holds; small.
  DiagramNode restrict_to(DiagramNode node, DiagramNode care);
  // The boolean variable decided.
  DiagramNode decide(DiagramNode node, std::uint32_t variable, bool value);

  std::span<const Label> labels(DiagramNode node) const;
  std::span<const DiagramNode> children(DiagramNode node) const;
  std::size_t size() const { return nodes_.size(); }
  bool before(std::uint32_t variable, Label a, Label b) const;  // order of labels
  std::uint32_t variable_count() const { return static_cast<std::uint32_t>(variables_.size()); }

 private:
  struct Node {
    std::uint32_t variable = 0, first_label = 0, first_child = 0, label_count = 0;
  };
  bool is_terminal(DiagramNode node) const { return node <= kTrue; }
  bool comes_first(std::uint32_t a, std::uint32_t b) const { return variables_[a].order < variables_[b].order; }
  std::uint32_t top_variable(DiagramNode a, DiagramNode b) const;
  DiagramNode apply(bool is_and, DiagramNode a, DiagramNode b);

  // Both nodes' branches over `variable`, refined until they agree.
  struct Branches {
    std::vector<Label> labels;
    std::vector<std::pair<DiagramNode, DiagramNode>> children;
  };
  Branches branches(std::uint32_t variable, DiagramNode a, DiagramNode b) const;

  std::optional<DiagramNode> common_branch(const Branches& branches, const std::vector<DiagramNode>& restricted,
                                           const std::vector<bool>& open);

  std::vector<DiagramVariable> variables_;
  std::map<std::pair<int, std::string>, std::uint32_t> variable_ids_;
  std::vector<Node> nodes_;
  std::vector<Label> label_pool_;
  std::vector<DiagramNode> child_pool_;
  std::unordered_multimap<std::uint64_t, DiagramNode> unique_;
  std::unordered_map<std::uint64_t, DiagramNode> conjunctions_, disjunctions_, restrictions_;
  std::unordered_map<DiagramNode, DiagramNode> negations_;
  std::map<std::pair<std::uint32_t, Label>, DiagramNode> equals_;
  std::vector<std::string> texts_;
  std::unordered_map<std::string, Label> text_ids_;
  std::vector<std::pair<pep::Version, bool>> cuts_;
};

}  // namespace pkg::resolver
