// From the derivation graph to sentences. Each derived incompatibility is a line "because A, and B: C"; one that is
// used once and is short becomes part of the line that uses it, one that is used again later gets a number. Graphs can
// be deep: everything here is a loop.

#include "resolver/explain.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "resolver/hints.h"
#include "resolver/incompatibility_text.h"

namespace pkg::resolver {

using pubgrub::CauseKind;
using pubgrub::Incompatibility;
using pubgrub::IncompatibilityId;
using pubgrub::Solver;

namespace {

// Of a fact that says what the root needs; null: it says something else.
const pep::Requirement* root_requirement(const Provider& provider, const Incompatibility& fact) {
  const bool is_request = fact.cause.kind == CauseKind::dependency && fact.find(pubgrub::kRoot) != nullptr;
  return is_request ? provider.note(fact.cause.note).requirement : nullptr;
}

constexpr std::size_t kMostPremises = 4;  // told in one line
constexpr std::size_t kMostLines = 40;

class Teller {
 public:
  Teller(const Provider& provider, const Solver& solver)
      : provider_(provider), solver_(solver), statements_(provider, solver) {}

  std::string tell() {
    order_derived();
    for (const IncompatibilityId id : order_) collect_premises(id);
    std::vector<IncompatibilityId> lines;
    for (const IncompatibilityId id : order_)
      if (nodes_.at(id).is_line) lines.push_back(id);
    number(lines);
    std::string text;
    const std::size_t skipped = lines.size() > kMostLines ? lines.size() - kMostLines : 0;
    if (skipped > 0) append(text, "(", skipped, " steps are left out)\n");
    for (std::size_t i = skipped; i < lines.size(); ++i)
      append(text, text.empty() || text.back() == '\n' ? "" : "\n", line(lines, i));
    return text;
  }

  std::vector<IncompatibilityId> leaves() const {
    std::set<IncompatibilityId> found;
    for (const IncompatibilityId id : order_)
      for (const IncompatibilityId cause : causes(id))
        if (!is_derived(cause)) found.insert(cause);
    if (order_.empty()) found.insert(solver_.failure());
    return {found.begin(), found.end()};
  }

  void order_derived() {
    // Post-order: causes before what follows from them.
    if (!order_.empty() || !is_derived(solver_.failure())) return;
    std::vector<std::pair<IncompatibilityId, std::size_t>> stack{{solver_.failure(), 0}};
    nodes_[solver_.failure()].is_line = true;
    while (!stack.empty()) {
      auto& [id, next] = stack.back();
      const auto sides = causes(id);
      if (next == sides.size()) {
        order_.push_back(id);
        stack.pop_back();
        continue;
      }
      const IncompatibilityId cause = sides[next++];
      if (!is_derived(cause)) continue;
      const auto [node, is_new] = nodes_.try_emplace(cause);
      ++node->second.uses;
      if (is_new) stack.emplace_back(cause, 0);
    }
  }

 private:
  struct Node {
    std::size_t uses = 0;
    bool is_line = false;
    std::size_t number = 0;
    std::vector<IncompatibilityId> premises;  // leaves, and lines told before
  };

  bool is_derived(IncompatibilityId id) const { return solver_.incompatibility(id).cause.kind == CauseKind::conflict; }
  std::vector<IncompatibilityId> causes(IncompatibilityId id) const {
    const pubgrub::Cause& cause = solver_.incompatibility(id).cause;
    return {cause.left, cause.right};
  }

  void collect_premises(IncompatibilityId id) {
    Node& node = nodes_.at(id);
    std::vector<IncompatibilityId> derived;
    const auto add = [](std::vector<IncompatibilityId>& to, IncompatibilityId premise) {
      if (std::find(to.begin(), to.end(), premise) == to.end()) to.push_back(premise);
    };
    for (const IncompatibilityId cause : causes(id)) {
      if (is_derived(cause))
        derived.push_back(cause);
      else if (solver_.incompatibility(cause).cause.kind != CauseKind::root)
        add(node.premises, same_request(cause));
    }
    for (const IncompatibilityId cause : derived) {
      Node& used = nodes_.at(cause);
      std::vector<IncompatibilityId> together = node.premises;
      for (const IncompatibilityId premise : used.premises) add(together, premise);
      if (used.uses == 1 && !used.is_line && together.size() <= kMostPremises) {
        node.premises = std::move(together);
      } else {
        used.is_line = true;
        add(node.premises, cause);
      }
    }
    // What an earlier line said comes first, then who needs what, then what is missing, and what was asked for last.
    std::stable_sort(node.premises.begin(), node.premises.end(),
                     [&](IncompatibilityId a, IncompatibilityId b) { return place(a) < place(b); });
  }

  // "a[x]" of the root is two facts, one on a and one on its extra, and told once.
  IncompatibilityId same_request(IncompatibilityId leaf) {
    const pep::Requirement* const asked = root_requirement(provider_, solver_.incompatibility(leaf));
    return asked == nullptr ? leaf : requests_.try_emplace(asked, leaf).first->second;
  }

  int place(IncompatibilityId id) const {
    if (is_derived(id)) return 0;
    const Incompatibility& fact = solver_.incompatibility(id);
    if (fact.find(pubgrub::kRoot) != nullptr) return 3;
    return fact.cause.kind == CauseKind::dependency ? 1 : 2;
  }

  // A line that is referred to from elsewhere than the line after it.
  void number(const std::vector<IncompatibilityId>& lines) {
    std::set<IncompatibilityId> referred;
    for (std::size_t i = 0; i < lines.size(); ++i)
      for (const IncompatibilityId premise : nodes_.at(lines[i]).premises)
        if (is_derived(premise) && (i == 0 || lines[i - 1] != premise)) referred.insert(premise);
    std::size_t next = 1;
    for (const IncompatibilityId id : lines)
      if (referred.contains(id)) nodes_.at(id).number = next++;
  }

  std::string line(const std::vector<IncompatibilityId>& lines, std::size_t at) const {
    const IncompatibilityId id = lines[at];
    const Node& node = nodes_.at(id);
    std::vector<std::string> premises;
    bool follows = false;
    for (const IncompatibilityId premise : node.premises) {
      if (is_derived(premise) && at > 0 && lines[at - 1] == premise) {
        follows = true;
        continue;
      }
      std::string clause = statements_.of(solver_.incompatibility(premise));
      if (is_derived(premise)) append(clause, " (", nodes_.at(premise).number, ")");
      if (std::find(premises.begin(), premises.end(), clause) == premises.end()) premises.push_back(std::move(clause));
    }
    std::string text = follows ? "and because " : "because ";
    for (std::size_t i = 0; i < premises.size(); ++i) append(text, i > 0 ? ", and " : "", premises[i]);
    if (id != solver_.failure()) append(text, ": ", statements_.of(solver_.incompatibility(id)));
    if (node.number != 0) append(text, " (", node.number, ")");
    return text;
  }

  const Provider& provider_;
  const Solver& solver_;
  IncompatibilityText statements_;
  std::map<const pep::Requirement*, IncompatibilityId> requests_;
  std::map<IncompatibilityId, Node> nodes_;
  std::vector<IncompatibilityId> order_;
};

// Of a failure that follows from nothing else. Where it is one thing that was asked for, the headline says what is
// wrong with it, and only where it was asked for is left to say, the command line's own words excepted.
std::string lone_fact(const Provider& provider, const Solver& solver) {
  const Incompatibility& fact = solver.incompatibility(solver.failure());
  const pep::Requirement* const asked = root_requirement(provider, fact);
  if (asked == nullptr) return cat("because ", IncompatibilityText(provider, solver).of(fact));
  return asked->origin == Origin::command_line()
             ? std::string()
             : cat("because you asked for ", requirement_text(*asked), origin_text(*asked));
}

}  // namespace

Conflict explain(const Provider& provider, const Solver& solver) {
  Teller teller(provider, solver);
  teller.order_derived();
  const std::vector<IncompatibilityId> leaves = teller.leaves();
  Conflict conflict;
  conflict.headline = headline(provider, solver, leaves);
  conflict.explanation = teller.tell();
  if (conflict.explanation.empty()) conflict.explanation = lone_fact(provider, solver);
  conflict.hint = hint(provider, solver, leaves);
  conflict.narrower_python = narrower_python(provider, solver, leaves);
  return conflict;
}

}  // namespace pkg::resolver
