#include "ops/inspect/tree.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/text.h"

namespace pkg::ops {
namespace {

constexpr std::size_t kMostLines = 1'000'000;

std::size_t other_end(const GraphEdge& edge, Direction direction) {
  return direction == Direction::needs ? edge.to : edge.from;
}

const std::vector<std::size_t>& edges_of(const GraphNode& node, Direction direction) {
  return direction == Direction::needs ? node.needs : node.needed_by;
}

// What everything that is shown hangs from when nothing was named. Inverted: what needs nothing; of circles one member
// each.
std::vector<std::size_t> own_roots(const DependencyGraph& graph, Direction direction) {
  if (direction == Direction::needs) return graph.roots;
  std::vector<std::size_t> roots;
  std::vector<bool> reached(graph.nodes.size());
  for (const bool needs_too : {false, true}) {
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
      if (reached[i] || (!needs_too && !graph.nodes[i].needs.empty())) continue;
      roots.push_back(i);
      std::vector<std::size_t> open{i};
      reached[i] = true;
      while (!open.empty()) {
        const auto at = open.back();
        open.pop_back();
        for (const auto e : graph.nodes[at].needed_by) {
          const auto from = graph.edges[e].from;
          if (!reached[from]) open.push_back(from);
          reached[from] = true;
        }
      }
    }
  }
  std::ranges::sort(roots);
  return roots;
}

class Walker {
 public:
  Walker(const DependencyGraph& graph, const WalkOptions& options, std::set<std::size_t> pruned)
      : graph_(graph), options_(options), pruned_(std::move(pruned)) {}

  Status add_root(std::size_t root) {
    if (pruned_.contains(root)) return ok_status();
    PKG_TRY(enter(root, std::nullopt, true));
    while (!path_.empty()) {
      auto& top = path_.back();
      if (top.next == top.edges.size()) {
        path_.pop_back();
        continue;
      }
      const auto edge = top.edges[top.next++];
      const bool is_last = top.next == top.edges.size();
      PKG_TRY(enter(other_end(graph_.edges[edge], options_.direction), edge, is_last));
    }
    return ok_status();
  }

  std::vector<TreeLine> take() { return std::move(lines_); }

 private:
  struct Level {
    std::size_t node;
    std::vector<std::size_t> edges;  // to be shown below it
    std::size_t next = 0;
  };

  // The edges that count for the extras by which the package was asked for; one for each package they lead to.
  std::vector<std::size_t> shown_edges(std::size_t node, const std::vector<pep::Name>* extras) const {
    std::vector<std::size_t> shown;
    std::set<std::size_t> seen;
    for (const auto e : edges_of(graph_.nodes[node], options_.direction)) {
      const auto& edge = graph_.edges[e];
      const auto is_asked_for = [&](const pep::Name& extra) {
        return std::ranges::find(*extras, extra) != extras->end();
      };
      const bool is_conditional =
          options_.direction == Direction::needs && extras != nullptr && !edge.via_extras.empty();
      if (is_conditional && std::ranges::none_of(edge.via_extras, is_asked_for)) continue;
      const auto other = other_end(edge, options_.direction);
      if (!pruned_.contains(other) && seen.insert(other).second) shown.push_back(e);
    }
    return shown;
  }

  // Adds the line of `node`, and goes below it when there is something that was not shown yet.
  Status enter(std::size_t node, std::optional<std::size_t> edge, bool is_last) {
    if (lines_.size() == kMostLines) {
      return make_error(ErrorKind::unsupported, cat("the tree has more than ", kMostLines, " lines"),
                        "show each package once (leave --no-dedupe out), or fewer levels: --depth 3");
    }
    TreeLine line{.level = path_.size(), .node = node, .edge = edge, .is_last = is_last};
    // A root shows all it needs; below, an edge brings the extras that count.
    const auto* extras =
        edge && options_.direction == Direction::needs ? &graph_.edges[*edge].requirement.extras : nullptr;
    auto below = shown_edges(node, extras);
    const bool is_cut = options_.depth && line.level >= *options_.depth;
    if (std::ranges::find(path_, node, &Level::node) != path_.end())
      line.mark = TreeLine::Mark::cycle;
    else if (!is_cut && !below.empty() && options_.dedupe && !expanded_.emplace(node, below).second)
      line.mark = TreeLine::Mark::repeated;
    lines_.push_back(line);
    if (line.mark == TreeLine::Mark::none && !is_cut && !below.empty()) path_.push_back({node, std::move(below)});
    return ok_status();
  }

  const DependencyGraph& graph_;
  const WalkOptions& options_;
  const std::set<std::size_t> pruned_;
  std::set<std::pair<std::size_t, std::vector<std::size_t>>> expanded_;  // a package, with what was shown below it
  std::vector<Level> path_;
  std::vector<TreeLine> lines_;
};

}  // namespace

Result<std::vector<std::size_t>> find_named(const DependencyGraph& graph, const std::string& word) {
  PKG_TRY_ASSIGN(const auto name, pep::Name::parse(word));
  auto found = graph.find(name);
  if (!found.empty()) return found;
  std::vector<std::string> names;
  for (const auto& node : graph.nodes) names.push_back(node.name.str());
  const auto close = nearest(name.str(), names);
  return make_error(ErrorKind::not_found,
                    cat("there is no ", quote(word), " among the ", graph.nodes.size(), " packages"),
                    close ? cat("did you mean ", quote(*close), "?") : "");
}

Result<std::vector<TreeLine>> walk(const DependencyGraph& graph, const WalkOptions& options) {
  std::set<std::size_t> pruned;
  for (const auto& word : options.prune) {
    PKG_TRY_ASSIGN(const auto found, find_named(graph, word));
    pruned.insert(found.begin(), found.end());
  }
  std::vector<std::size_t> roots;
  for (const auto& word : options.packages) {
    PKG_TRY_ASSIGN(const auto found, find_named(graph, word));
    roots.insert(roots.end(), found.begin(), found.end());
  }
  if (options.packages.empty()) roots = own_roots(graph, options.direction);
  Walker walker(graph, options, std::move(pruned));
  for (const auto root : roots) PKG_TRY(walker.add_root(root));
  return walker.take();
}

}  // namespace pkg::ops
