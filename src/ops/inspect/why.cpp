#include "ops/inspect/why.h"

#include <algorithm>
#include <limits>
#include <queue>
#include <set>
#include <utility>

#include "ops/inspect/tree.h"

// Best first: a partial chain is worth its length plus what is at least left to go. What is left is known exactly (a
// walk backwards from the target), so chains come out shortest first and nothing is followed that does not lead there.

namespace pkg::ops {
namespace {

constexpr std::size_t kFar = std::numeric_limits<std::size_t>::max();
constexpr std::size_t kMostSteps = 1'000'000;

std::vector<std::size_t> distances_to(const DependencyGraph& graph, std::size_t target) {
  std::vector<std::size_t> distance(graph.nodes.size(), kFar);
  std::queue<std::size_t> open;
  distance[target] = 0;
  open.push(target);
  while (!open.empty()) {
    const auto at = open.front();
    open.pop();
    for (const auto e : graph.nodes[at].needed_by) {
      const auto from = graph.edges[e].from;
      if (distance[from] != kFar) continue;
      distance[from] = distance[at] + 1;
      open.push(from);
    }
  }
  return distance;
}

// A step of a partial chain; the ones before it are shared.
struct Step {
  std::size_t node = 0, before = kFar;  // index of the step before
};

struct Open {
  std::size_t length = 0, number = 0,
              step = 0;  // number: in order of discovery, so that equal lengths stay in the order of the graph
  bool operator>(const Open& other) const { return std::pair(length, number) > std::pair(other.length, other.number); }
};

std::vector<std::size_t> nodes_of(const std::vector<Step>& steps, std::size_t last) {
  std::vector<std::size_t> nodes;
  for (auto at = last; at != kFar; at = steps[at].before) nodes.push_back(steps[at].node);
  std::ranges::reverse(nodes);
  return nodes;
}

Chain chain_of(const DependencyGraph& graph, std::vector<std::size_t> nodes) {
  Chain chain;
  for (std::size_t i = 0; i + 1 < nodes.size(); ++i) {
    std::vector<std::size_t> link;
    for (const auto e : graph.nodes[nodes[i]].needs) {
      if (graph.edges[e].to == nodes[i + 1]) link.push_back(e);
    }
    chain.links.push_back(std::move(link));
  }
  chain.nodes = std::move(nodes);
  return chain;
}

// The packages that `node` needs and that lead to the target, each once, by name.
std::vector<std::size_t> next_nodes(const DependencyGraph& graph, std::size_t node,
                                    const std::vector<std::size_t>& distance) {
  std::vector<std::size_t> next;
  for (const auto e : graph.nodes[node].needs) {
    const auto to = graph.edges[e].to;
    if (distance[to] != kFar) next.push_back(to);
  }
  std::ranges::sort(next);
  next.erase(std::unique(next.begin(), next.end()), next.end());
  return next;
}

}  // namespace

WhyReport find_chains(const DependencyGraph& graph, std::size_t target, const std::vector<std::size_t>& starts,
                      std::size_t limit) {
  const auto distance = distances_to(graph, target);
  WhyReport report;
  std::vector<Step> steps;
  std::priority_queue<Open, std::vector<Open>, std::greater<>> open;
  std::size_t number = 0;
  const auto push = [&](std::size_t node, std::size_t before, std::size_t length_so_far) {
    steps.push_back({node, before});
    open.push({length_so_far + distance[node], number++, steps.size() - 1});
  };
  for (const auto start : starts) {
    if (start != target && distance[start] != kFar) push(start, kFar, 0);
  }
  while (!open.empty()) {
    const auto at = open.top();
    open.pop();
    const auto node = steps[at.step].node;
    if (node == target) {
      report.has_more = limit != 0 && report.chains.size() == limit;
      if (report.has_more) break;
      report.chains.push_back(chain_of(graph, nodes_of(steps, at.step)));
      continue;
    }
    if (number > kMostSteps) {
      report.has_more = true;
      break;
    }
    const auto before = nodes_of(steps, at.step);
    for (const auto next : next_nodes(graph, node, distance)) {
      if (std::ranges::find(before, next) == before.end()) push(next, at.step, before.size());
    }
  }
  return report;
}

std::vector<std::size_t> chain_starts(const DependencyGraph& graph) {
  std::set<std::size_t> starts(graph.roots.begin(), graph.roots.end());
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    if (graph.nodes[i].requested) starts.insert(i);
  }
  return {starts.begin(), starts.end()};
}

Result<WhyAnswer> why(const WhyOptions& options, Session& session) {
  auto graph_options = options.graph;
  graph_options.selection.all_extras = graph_options.selection.all_groups = true;
  WhyAnswer answer;
  PKG_TRY_ASSIGN(answer.opened, open_graph(graph_options, session));
  auto found = find_named(answer.opened.graph, options.name);
  if (!found && answer.opened.is_lock && !graph_options.universal) {
    graph_options.universal = answer.is_elsewhere = true;
    PKG_TRY_ASSIGN(answer.opened, open_graph(graph_options, session));
    found = find_named(answer.opened.graph, options.name);
  }
  if (!found) return std::move(found).error();
  auto& graph = answer.opened.graph;
  const auto starts = chain_starts(graph);
  std::set<std::size_t> on_the_way;
  for (const auto target : *found) {
    for (const auto& chain : find_chains(graph, target, starts, options.limit).chains)
      on_the_way.insert(chain.nodes.begin(), chain.nodes.end() - 1);
  }
  answer.unreadable = state_requirements(answer.opened, {on_the_way.begin(), on_the_way.end()}, session);
  for (const auto target : *found)
    answer.targets.emplace_back(target, find_chains(graph, target, starts, options.limit));
  return answer;
}

}  // namespace pkg::ops
