#include "cli/output/tree_page.h"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <set>

#include "base/hash.h"
#include "base/secret_url.h"
#include "base/text.h"
#include "cli/embedded.h"
#include "cli/output/output.h"
#include "cli/output/sizes.h"

namespace pkg::cli {
namespace {

using ops::DependencyGraph;

// Text within an element. Foreign text is made printable first: marks that reorder it would act on the page, too.
std::string escaped(std::string_view foreign) {
  std::string text;
  for (const char c : printable(without_secrets(foreign))) {
    if (c == '&')
      text += "&amp;";
    else if (c == '<')
      text += "&lt;";
    else if (c == '>')
      text += "&gt;";
    else
      text += c;
  }
  return text;
}

std::string shown(std::string_view foreign) { return printable(without_secrets(foreign)); }

std::string csp_hash(std::string_view text) { return cat("'sha256-", hash::to_base64(hash::sha256(text)), "'"); }

json::Json package_json(const DependencyGraph& graph, std::size_t node, const ops::PackageFacts& facts) {
  const auto& one = graph.nodes[node];
  json::Json item{{"name", shown(one.name.str())}};
  if (!one.version.empty()) item["version"] = shown(one.version);
  if (one.kind != ops::GraphNode::Kind::package)
    item["kind"] = one.kind == ops::GraphNode::Kind::project ? "project" : "missing";
  if (facts.size_bytes) item["size"] = *facts.size_bytes;
  if (!facts.license.empty()) item["license"] = shown(facts.license);
  if (!facts.summary.empty()) item["summary"] = shown(facts.summary);
  return item;
}

void add_held_back(const ops::HeldBackDist& dist, json::Json& item) {
  const auto& newer = dist.is_outdated() ? dist.latest : dist.newest;
  if (!newer.empty()) item["latest"] = shown(newer);
  for (const auto& hold : dist.holds) item["held"].push_back(shown(hold.to_string()));
}

// Within a script element no "<" may stand: it could end the element.
std::string script_json(const json::Json& value) {
  auto text = json_text(value, -1);
  for (const auto& [from, to] : {std::pair("<", "\\u003c"), std::pair(">", "\\u003e"), std::pair("&", "\\u0026")})
    text = replace_all(text, from, to);
  return text;
}

json::Json page_json(const DependencyGraph& graph, const std::vector<ops::TreeLine>& lines, const TreeStyle& style,
                     const TreePage& page) {
  json::Json value{{"roots", json::Json::array()}, {"packages", json::Json::array()}};
  std::map<std::size_t, std::size_t> places;  // by node
  std::map<std::size_t, std::set<std::size_t>> edges;
  for (const auto& line : lines) {
    if (places.try_emplace(line.node, places.size()).second)
      value["packages"].push_back(package_json(graph, line.node, page.facts[line.node]));
    if (line.edge) {
      const auto& edge = graph.edges[*line.edge];
      edges[style.direction == ops::Direction::needs ? edge.from : edge.to].insert(*line.edge);
    } else {
      value["roots"].push_back(places[line.node]);
    }
  }
  for (const auto& [node, below] : edges) {
    const auto place = places.find(node);
    if (place == places.end()) continue;
    for (const auto e : below) {
      const auto& edge = graph.edges[e];
      const auto other = places.find(style.direction == ops::Direction::needs ? edge.to : edge.from);
      if (other == places.end()) continue;
      const auto text = edge.is_stated ? shown(edge.requirement.to_string()) : std::string();
      value["packages"][place->second]["needs"].push_back({other->second, text});
    }
  }
  for (const auto& [node, place] : places) {
    const auto& one = graph.nodes[node];
    for (const auto& dist : page.held_back)
      if (dist.name == one.name && dist.version == one.version) add_held_back(dist, value["packages"][place]);
  }
  return value;
}

// "12 packages, 48.3 MB to download".
std::string total_text(const DependencyGraph& graph, const std::vector<ops::TreeLine>& lines, const TreePage& page) {
  std::set<std::size_t> nodes;
  for (const auto& line : lines)
    if (graph.nodes[line.node].kind == ops::GraphNode::Kind::package) nodes.insert(line.node);
  std::uint64_t bytes = 0;
  for (const auto node : nodes) bytes += page.facts[node].size_bytes.value_or(0);
  return cat(nodes.size(), nodes.size() == 1 ? " package, " : " packages, ", megabytes(bytes), " MB",
             page.is_lock ? " to download" : " installed");
}

}  // namespace

std::string tree_page(const DependencyGraph& graph, const std::vector<ops::TreeLine>& lines, const TreeStyle& style,
                      const TreePage& page) {
  const auto script = embedded::tree_page_js_in, sheet = embedded::tree_page_css_in;
  const auto what = style.direction == ops::Direction::needs ? "Dependencies of " : "What needs what in ";
  const auto title = cat(what, escaped(page.title));
  return cat(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; base-uri 'none'; form-action 'none'; "
      "script-src ",
      csp_hash(script), "; style-src ", csp_hash(sheet),
      "\">\n<meta name=\"referrer\" content=\"no-referrer\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>",
      title, "</title>\n<style>", sheet, "</style>\n</head>\n<body>\n<header><h1>", title, "</h1>\n<p>",
      total_text(graph, lines, page),
      "</p></header>\n<div class=\"tools\">"
      "<input id=\"search\" type=\"search\" placeholder=\"Search names, licences, summaries\" aria-label=\"Search\">"
      "<button id=\"expand\" type=\"button\">Expand all</button>"
      "<button id=\"collapse\" type=\"button\">Collapse all</button>"
      "<span id=\"count\" role=\"status\"></span></div>\n<ul id=\"tree\"></ul>\n"
      "<noscript>This page shows its data with a script, which is switched off here.</noscript>\n"
      "<script type=\"application/json\" id=\"data\">",
      script_json(page_json(graph, lines, style, page)), "</script>\n<script>", script,
      "</script>\n</body>\n</html>\n");
}

}  // namespace pkg::cli
