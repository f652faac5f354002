// From a diagram to cubes, after Minato and Morreale (irredundant sums of products), for variables with many branches.
//
// cover(lower, upper) gives cubes that hold all of `lower` and nothing outside `upper`; to begin with both are the set.
// At the upper variable, with the branches (lower_i, upper_i):
//
//   common   what every branch allows: a cube in it needs no literal of this variable
//   need_i   lower_i less common: only cubes that are bound to branch i can hold it. It is covered within upper_i, and
//            each cube found gets the literal of all branches that allow it ("x in [a, c)", "x is not b")
//   rest     what no such cube holds lies in common, and is covered there without a literal
//
// So a cube has a literal only where it must have one, and what one branch's cubes hold is not covered again in
// another. A set that grows with an extra never says `not in`: its branch without the extra lies inside the one with
// it, hence in common. The number of cubes follows what the set says, not the paths of its diagram.
//
// Cubes under way are cells: a literal and the rest of the cube, kept once, each with its set as a node. What two
// arguments gave is kept, too: without that the walk is as long as there are paths.
#include "resolver/marker_cover.h"

#include <algorithm>
#include <cstddef>
#include <unordered_map>
#include <utility>

namespace pkg::resolver {

namespace {

class Cover {
 public:
  explicit Cover(MarkerDiagram& diagram) : diagram_(diagram), cells_{{Literal(), 0, MarkerDiagram::kTrue}} {}

  std::vector<Cube> run(DiagramNode lower, DiagramNode upper) {
    std::vector<Cube> cubes;
    for (std::size_t cell : cover(lower, upper)) {
      Cube& cube = cubes.emplace_back();
      for (; cell != kWhole; cell = cells_[cell].rest) cube.push_back(cells_[cell].literal);
    }
    return cubes;
  }

 private:
  static constexpr std::size_t kWhole = 0;  // the empty cube
  struct Cell {
    Literal literal;
    std::size_t rest = kWhole;
    DiagramNode node = MarkerDiagram::kTrue;
  };
  using Cells = std::vector<std::size_t>;

  // The branches of both sets at one variable, and what the cubes made for them hold so far.
  struct Level {
    std::uint32_t variable;
    MarkerDiagram::Branches branches;
    std::vector<DiagramNode> covered;
    DiagramNode common = MarkerDiagram::kTrue;
    DiagramNode lower(std::size_t i) const { return branches.children[i].first; }
    DiagramNode upper(std::size_t i) const { return branches.children[i].second; }
    std::size_t size() const { return branches.children.size(); }
  };

  const Cells& cover(DiagramNode lower, DiagramNode upper) {
    const std::uint64_t key = std::uint64_t{lower} << 32 | upper;
    if (const auto known = known_.find(key); known != known_.end()) return known->second;
    Cells cells;
    if (upper == MarkerDiagram::kTrue && lower != MarkerDiagram::kFalse)
      cells.push_back(kWhole);
    else if (lower != MarkerDiagram::kFalse)
      cells = cover_branches(lower, upper);
    return known_.emplace(key, std::move(cells)).first->second;
  }

  Cells cover_branches(DiagramNode lower, DiagramNode upper) {
    Level level{diagram_.top_variable(lower, upper), {}, {}};
    level.branches = diagram_.branches(level.variable, lower, upper);
    level.covered.assign(level.size(), MarkerDiagram::kFalse);
    for (std::size_t i = 0; i < level.size(); ++i) level.common = diagram_.conjunction(level.common, level.upper(i));
    Cells cells;
    // Of texts and selections all others go first: they are said in one literal.
    const Branching branching = diagram_.variable_at(level.variable).branching;
    const bool last_first = branching == Branching::text || branching == Branching::choice;
    for (std::size_t n = 0; n < level.size(); ++n)
      cover_branch(level, last_first ? (n + level.size() - 1) % level.size() : n, cells);
    DiagramNode rest = MarkerDiagram::kFalse;
    for (std::size_t i = 0; i < level.size(); ++i)
      rest = diagram_.disjunction(rest, diagram_.difference(level.lower(i), level.covered[i]));
    const Cells& free = cover(rest, level.common);
    cells.insert(cells.end(), free.begin(), free.end());
    return cells;
  }

  DiagramNode need(const Level& level, std::size_t i) {
    return diagram_.difference(diagram_.difference(level.lower(i), level.common), level.covered[i]);
  }

  void cover_branch(Level& level, std::size_t i, Cells& cells) {
    for (const std::size_t rest : cover(need(level, i), level.upper(i))) {
      const DiagramNode node = cells_[rest].node;
      const std::vector<bool> within = branches_for(level, i, node);
      for (std::size_t k = 0; k < level.size(); ++k)
        if (within[k]) level.covered[k] = diagram_.disjunction(level.covered[k], node);
      if (std::ranges::find(within, false) == within.end()) {
        cells.push_back(rest);
        continue;
      }
      cells.push_back(cells_.size());
      cells_.push_back({literal_for(level, within), rest, set_of(level, within, node)});
    }
  }

  // The branches that a cube of branch i is said for: as many as one literal can name without becoming longer.
  std::vector<bool> branches_for(const Level& level, std::size_t i, DiagramNode cube) {
    std::vector<bool> within(level.size(), false);
    const auto allows = [&](std::size_t k) { return diagram_.implies(cube, level.upper(k)); };
    within[i] = true;
    if (diagram_.variable_at(level.variable).is_cut()) {
      for (std::size_t k = i; k > 0 && allows(k - 1); --k) within[k - 1] = true;
      for (std::size_t k = i + 1; k < level.size() && allows(k); ++k) within[k] = true;
      return within;
    }
    const std::size_t others = level.size() - 1;
    std::size_t named = 1, excepted = 0;
    std::vector<bool> allowed(level.size(), false);
    for (std::size_t k = 0; k < level.size(); ++k) {
      allowed[k] = k == i || allows(k);
      excepted += allowed[k] ? 0 : 1;
      if (k == i || !allowed[k] || k == others || diagram_.disjoint(cube, need(level, k))) continue;
      within[k] = true;
      ++named;
    }
    return allowed[others] && (i == others || excepted <= named) ? allowed : within;
  }

  Literal literal_for(const Level& level, const std::vector<bool>& within) const {
    const auto& labels = level.branches.labels;
    Literal literal;
    literal.variable = level.variable;
    if (diagram_.variable_at(level.variable).is_cut()) {
      std::size_t first = 0, last = level.size() - 1;
      while (!within[first]) ++first;
      while (!within[last]) --last;
      if (first > 0) literal.from = labels[first - 1];
      if (last < labels.size()) literal.to = labels[last];
      return literal;
    }
    literal.negated = within.back();
    for (std::size_t k = 0; k < labels.size(); ++k)
      if (within[k] != literal.negated) literal.values.push_back(labels[k]);
    return literal;
  }

  DiagramNode set_of(const Level& level, const std::vector<bool>& within, DiagramNode node) {
    std::vector<Label> labels = level.branches.labels;
    std::vector<DiagramNode> children;
    for (const bool is_within : within) children.push_back(is_within ? node : MarkerDiagram::kFalse);
    return diagram_.make(level.variable, labels, children);
  }

  MarkerDiagram& diagram_;
  std::vector<Cell> cells_;
  std::unordered_map<std::uint64_t, Cells> known_;
};

}  // namespace

std::vector<Cube> cover_of(MarkerDiagram& diagram, DiagramNode lower, DiagramNode upper) {
  return Cover(diagram).run(lower, upper);
}

}  // namespace pkg::resolver
