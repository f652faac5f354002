#include "cli/output/render_tree.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "base/text.h"
#include "cli/output/output.h"

namespace pkg::cli {
namespace {

using ops::DependencyGraph;
using ops::GraphEdge;
using ops::GraphNode;
using ops::TreeLine;

std::string joined(const std::vector<pep::Name>& names) {
  std::string text;
  for (const auto& name : names) append(text, text.empty() ? "" : ", ", name.str());
  return text;
}

Text version_text(const GraphNode& node) {
  if (node.kind == GraphNode::Kind::missing) return Text(" ", styled("(not installed)", Style::red, Stream::out));
  return node.version.empty() ? Text() : Text(" v", node.version);
}

// "(extra: cli)", "(group: dev)": what has to be selected for the edge to count.
std::string condition_text(const GraphEdge& edge) {
  std::string text;
  if (!edge.via_extras.empty()) append(text, " (extra: ", joined(edge.via_extras), ")");
  if (!edge.via_groups.empty()) append(text, " (group: ", joined(edge.via_groups), ")");
  return text;
}

std::string marker_text(const pep::Marker& marker) {
  const auto part = ops::environment_part(marker);
  return part.is_trivial() ? std::string() : part.to_string();
}

std::string extras_text(const std::vector<pep::Name>& extras) {
  return extras.empty() ? "" : cat("[", joined(extras), "]");
}

// Where several versions of a project are shown, the node's own marker tells where each is installed.
std::string where_text(const DependencyGraph& graph, const TreeLine& line) {
  auto text = line.edge ? marker_text(graph.edges[*line.edge].requirement.marker) : std::string();
  if (text.empty()) text = marker_text(graph.nodes[line.node].marker);
  return text;
}

Text line_text(const DependencyGraph& graph, const TreeLine& line, const TreeStyle& style) {
  const auto& node = graph.nodes[line.node];
  Text text(node.name.str());
  if (line.edge && style.direction == ops::Direction::needs)
    append(text, extras_text(graph.edges[*line.edge].requirement.extras));
  append(text, version_text(node));
  if (line.edge) append(text, condition_text(graph.edges[*line.edge]));
  if (const auto latest = style.latest.find(line.node); latest != style.latest.end())
    append(text, " ", styled(cat("(latest: v", latest->second, ")"), Style::cyan, Stream::out));
  if (style.markers) {
    if (const auto where = where_text(graph, line); !where.empty())
      append(text, " ", styled(cat("; ", where), Style::dim, Stream::out));
  }
  if (line.mark == TreeLine::Mark::repeated) append(text, " (*)");
  if (line.mark == TreeLine::Mark::cycle) append(text, " (cycle)");
  return text;
}

std::string id_of(const GraphNode& node) {
  return node.version.empty() ? node.name.str() : cat(node.name.str(), "@", node.version);
}

json::Json names_json(const std::vector<pep::Name>& names) {
  auto list = json::Json::array();
  for (const auto& name : names) list.push_back(name.str());
  return list;
}

json::Json edge_json(const DependencyGraph& graph, const GraphEdge& edge, ops::Direction direction) {
  json::Json item{{"id", id_of(graph.nodes[direction == ops::Direction::needs ? edge.to : edge.from])}};
  if (edge.is_stated) item["requirement"] = edge.requirement.to_string();
  if (!edge.requirement.origin.file.empty()) item["origin"] = edge.requirement.origin.to_string();
  if (!edge.requirement.extras.empty()) item["extras"] = names_json(edge.requirement.extras);
  if (!edge.requirement.marker.is_trivial()) item["marker"] = edge.requirement.marker.to_string();
  if (!edge.via_extras.empty()) item["only_for_extras"] = names_json(edge.via_extras);
  if (!edge.via_groups.empty()) item["only_for_groups"] = names_json(edge.via_groups);
  return item;
}

std::string_view kind_name(GraphNode::Kind kind) {
  return kind == GraphNode::Kind::project ? "project" : kind == GraphNode::Kind::missing ? "missing" : "package";
}

// "requests>=2 ; os_name == "nt" (pyproject.toml:7)", as far as it is known.
std::string requirement_text(const GraphEdge& edge) {
  auto requirement = edge.requirement;
  requirement.marker = ops::environment_part(requirement.marker);
  const auto& origin = edge.requirement.origin;
  return cat(requirement.to_string(), origin.file.empty() ? "" : cat(" in ", origin.to_string()));
}

}  // namespace

Text tree_text(const DependencyGraph& graph, const std::vector<TreeLine>& lines, const TreeStyle& style) {
  Text text;
  std::vector<bool> ended;  // by level: the branch there has shown its last line
  bool any_repeated = false, any_cycle = false;
  for (const auto& line : lines) {
    ended.resize(line.level + 1);
    ended[line.level] = line.is_last;
    for (std::size_t level = 1; level < line.level; ++level) append(text, ended[level] ? "    " : "│   ");
    if (line.level > 0) append(text, line.is_last ? "└── " : "├── ");
    append(text, line_text(graph, line, style), "\n");
    any_repeated = any_repeated || line.mark == TreeLine::Mark::repeated;
    any_cycle = any_cycle || line.mark == TreeLine::Mark::cycle;
  }
  if (any_repeated) append(text, "(*) shown above with what is below it\n");
  if (any_cycle) append(text, "(cycle) stands on the way to itself\n");
  return text;
}

json::Json tree_json(const DependencyGraph& graph, const std::vector<TreeLine>& lines, const TreeStyle& style) {
  json::Json value{{"roots", json::Json::array()}, {"packages", json::Json::array()}};
  std::vector<std::size_t> order;
  std::map<std::size_t, std::set<std::size_t>> edges;  // by the node above
  for (const auto& line : lines) {
    if (edges.try_emplace(line.node).second) order.push_back(line.node);
    if (!line.edge) {
      value["roots"].push_back(id_of(graph.nodes[line.node]));
      continue;
    }
    const auto& edge = graph.edges[*line.edge];
    edges[style.direction == ops::Direction::needs ? edge.from : edge.to].insert(*line.edge);
  }
  for (const auto i : order) {
    const auto& node = graph.nodes[i];
    json::Json item{{"id", id_of(node)}, {"name", node.name.str()}, {"kind", std::string(kind_name(node.kind))}};
    if (!node.version.empty()) item["version"] = node.version;
    if (!node.extras.empty()) item["extras"] = names_json(node.extras);
    if (!node.marker.is_trivial()) item["marker"] = node.marker.to_string();
    if (const auto latest = style.latest.find(i); latest != style.latest.end()) item["latest"] = latest->second;
    auto list = json::Json::array();
    for (const auto e : edges[i]) list.push_back(edge_json(graph, graph.edges[e], style.direction));
    item[style.direction == ops::Direction::needs ? "dependencies" : "dependents"] = std::move(list);
    value["packages"].push_back(std::move(item));
  }
  return value;
}

Text chains_text(const DependencyGraph& graph, const ops::WhyReport& report) {
  Text text;
  for (const auto& chain : report.chains) {
    if (!text.empty()) append(text, "\n");
    for (std::size_t i = 0; i < chain.nodes.size(); ++i) {
      const auto& node = graph.nodes[chain.nodes[i]];
      if (i > 0) append(text, std::string(4 * (i - 1), ' '), "└── ");
      append(text, node.name.str(), version_text(node));
      if (i > 0) {
        std::vector<std::string> requirements;
        for (const auto e : chain.links[i - 1])
          requirements.push_back(cat(requirement_text(graph.edges[e]), condition_text(graph.edges[e])));
        append(text, "  ", styled(join(requirements, " · "), Style::dim, Stream::out));
      }
      append(text, "\n");
    }
  }
  return text;
}

json::Json chains_json(const DependencyGraph& graph, const ops::WhyReport& report) {
  auto chains = json::Json::array();
  for (const auto& chain : report.chains) {
    auto steps = json::Json::array();
    for (std::size_t i = 0; i < chain.nodes.size(); ++i) {
      const auto& node = graph.nodes[chain.nodes[i]];
      json::Json step{{"name", node.name.str()}};
      if (!node.version.empty()) step["version"] = node.version;
      if (i > 0) {
        step["requirements"] = json::Json::array();
        for (const auto e : chain.links[i - 1]) {
          auto item = edge_json(graph, graph.edges[e], ops::Direction::needs);
          item.erase("id");
          step["requirements"].push_back(std::move(item));
        }
      }
      steps.push_back(std::move(step));
    }
    chains.push_back(std::move(steps));
  }
  return chains;
}

}  // namespace pkg::cli
