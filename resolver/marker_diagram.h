#pragma once
// Decision diagrams over marker variables: reduced, ordered, hash-consed. The engine under MarkerSpace; knows no marker
// syntax.

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "pep/marker.h"
#include "pep/version.h"
#include "resolver/diagram_memo.h"
#include "resolver/marker_choice.h"

namespace pkg::resolver {

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
  choice,   // labels are selections of a group by number; the last child is for all others, none among them
  boolean,  // one label; the first child is for true
};

struct DiagramVariable {
  Branching branching = Branching::boolean;
  pep::MarkerAtom atom;  // boolean: what is true or false; else its `variable` counts
  std::pair<int, std::string> order;
  std::shared_ptr<const ChoiceGroup> choice;  // of a choice
  bool is_cut() const { return branching == Branching::python || branching == Branching::version; }
};

class MarkerDiagram {
 public:
  static constexpr DiagramNode kFalse = 0, kTrue = 1;
  MarkerDiagram();

  std::uint32_t variable(Branching branching, const pep::MarkerAtom& atom);
  // From now on one variable says which of the group's members are selected; a group that is not whole stays booleans.
  // Precondition: no set speaks of them yet.
  void add_choice(const ChoiceGroup& group);
  // Where a membership holds: among a choice's selections, or as a boolean.
  DiagramNode membership(const pep::MarkerAtom& atom);
  Label text_label(const std::string& text);
  Label cut_label(const pep::Version& version, bool after);
  const std::string& text_of(Label label) const { return texts_[label]; }
  const std::pair<pep::Version, bool>& cut_of(Label label) const { return cuts_[label]; }
  const DiagramVariable& variable_of(DiagramNode node) const { return variables_[nodes_[node].variable]; }
  std::uint32_t variable_id(DiagramNode node) const { return nodes_[node].variable; }
  const DiagramVariable& variable_at(std::uint32_t id) const { return variables_[id]; }

  // The node with these branches, reduced. `children` has one more than `labels`, which are in order(); both may be
  // changed, and neither lies in this diagram's pools.
  DiagramNode make(std::uint32_t variable, std::span<Label> labels, std::span<DiagramNode> children);
  // True for values in [from, to): cuts; `to` nullptr-like kEnd: no end.
  static constexpr Label kEnd = std::numeric_limits<Label>::max();
  DiagramNode between(std::uint32_t variable, Label from, bool has_from, Label to);
  DiagramNode equals(std::uint32_t variable, Label value);  // text, choice and boolean

  DiagramNode conjunction(DiagramNode a, DiagramNode b);
  DiagramNode disjunction(DiagramNode a, DiagramNode b);
  DiagramNode difference(DiagramNode a, DiagramNode b);  // a and not b
  DiagramNode negation(DiagramNode a) { return difference(kTrue, a); }
  // Neither makes nodes.
  bool implies(DiagramNode a, DiagramNode b);
  bool disjoint(DiagramNode a, DiagramNode b);
  // Agrees with `node` where `care` holds; small.
  DiagramNode restrict_to(DiagramNode node, DiagramNode care);
  // Some boolean variables decided: `value(id)` is nothing for those that stay open.
  template <class Value>
  DiagramNode decide(DiagramNode node, const Value& value) {
    std::unordered_map<DiagramNode, DiagramNode> done;
    return decide(node, value, done);
  }

  std::span<const Label> labels(DiagramNode node) const;
  std::span<const DiagramNode> children(DiagramNode node) const;
  std::size_t size() const { return nodes_.size(); }
  bool before(std::uint32_t variable, Label a, Label b) const;  // order of labels
  std::uint32_t variable_count() const { return static_cast<std::uint32_t>(variables_.size()); }

  // The upper one of the variables that two nodes ask about. Precondition: one of them is no leaf.
  std::uint32_t top_variable(DiagramNode a, DiagramNode b) const;
  // Both nodes' branches over `variable`, refined until they agree.
  struct Branches {
    std::vector<Label> labels;
    std::vector<std::pair<DiagramNode, DiagramNode>> children;
  };
  Branches branches(std::uint32_t variable, DiagramNode a, DiagramNode b) const;

  // Nodes made in its lifetime are given back at its end: for questions whose answer is no node. They do not nest.
  class Scratch {
   public:
    explicit Scratch(MarkerDiagram& diagram);
    ~Scratch();
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;

   private:
    MarkerDiagram& diagram_;
    std::size_t nodes_, labels_, children_;
  };

 private:
  struct Node {
    std::uint32_t variable = 0, first_label = 0, first_child = 0, label_count = 0;
  };
  bool is_terminal(DiagramNode node) const { return node <= kTrue; }
  bool comes_first(std::uint32_t a, std::uint32_t b) const { return variables_[a].order < variables_[b].order; }
  bool asks(DiagramNode node, std::uint32_t variable) const {
    return !is_terminal(node) && nodes_[node].variable == variable;
  }
  DiagramNode apply(DiagramOperation operation, DiagramNode a, DiagramNode b);
  DiagramNode combine(DiagramOperation operation, std::uint32_t variable, DiagramNode a, DiagramNode b);
  bool holds(DiagramOperation operation, DiagramNode a, DiagramNode b);
  template <class Visit>
  bool each_branch(std::uint32_t variable, DiagramNode a, DiagramNode b, const Visit& visit) const;
  std::optional<DiagramNode> common_branch(const Branches& branches, const std::vector<DiagramNode>& restricted,
                                           const std::vector<bool>& open);
  DiagramNode restricted(std::uint32_t variable, DiagramNode node, DiagramNode care);

  std::uint64_t hash_of(std::uint32_t variable, std::span<const Label> labels,
                        std::span<const DiagramNode> children) const;
  bool is(DiagramNode node, std::uint32_t variable, std::span<const Label> labels,
          std::span<const DiagramNode> children) const;
  void grow_unique();
  void forget_last();

  template <class Value>
  DiagramNode decide(DiagramNode node, const Value& value, std::unordered_map<DiagramNode, DiagramNode>& done) {
    if (is_terminal(node)) return node;
    if (const auto known = done.find(node); known != done.end()) return known->second;
    const std::uint32_t own = nodes_[node].variable;
    DiagramNode result = node;
    if (const std::optional<bool> decided = value(own)) {
      result = decide(children(node)[*decided ? 0 : 1], value, done);
    } else {
      std::vector<Label> own_labels(labels(node).begin(), labels(node).end());
      std::vector<DiagramNode> own_children(children(node).begin(), children(node).end());
      for (DiagramNode& child : own_children) child = decide(child, value, done);
      result = make(own, own_labels, own_children);
    }
    done.emplace(node, result);
    return result;
  }

  std::vector<DiagramVariable> variables_;
  std::map<std::pair<int, std::string>, std::uint32_t> variable_ids_;
  std::vector<Node> nodes_;
  std::vector<Label> label_pool_;  // the first one is that of all booleans
  std::vector<DiagramNode> child_pool_;
  std::vector<DiagramNode> unique_;  // open addressing, in the order in which nodes were made; kFalse: free
  DiagramMemo memo_;
  std::vector<Label> open_labels_;  // of the nodes that combine() is at work on: a stack
  std::vector<DiagramNode> open_children_;
  struct Member {
    std::uint32_t variable = 0;
    std::vector<Label> selections;  // that it is part of
  };
  std::unordered_map<std::string, Member> members_;  // by text
  std::vector<std::string> texts_;
  std::unordered_map<std::string, Label> text_ids_;
  std::vector<std::pair<pep::Version, bool>> cuts_;
};

}  // namespace pkg::resolver
