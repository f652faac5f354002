#include "ops/inspect/why.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/command_setup.h"
#include "cli/options/graph_options.h"
#include "cli/options/options.h"
#include "cli/output/output.h"
#include "cli/output/render.h"
#include "cli/output/render_tree.h"

namespace pkg::cli {
namespace {

std::string label(const ops::GraphNode& node) {
  return cat(node.name.str(), node.version.empty() ? "" : " v", node.version);
}

json::Json why_json(const ops::WhyAnswer& answer) {
  auto value = result_json("why");
  value["source"] = source_json(answer.opened.is_lock, answer.opened.path);
  value["universal"] = !answer.opened.target.has_value();
  value["packages"] = json::Json::array();
  for (const auto& [target, report] : answer.targets) {
    const auto& node = answer.opened.graph.nodes[target];
    json::Json item{{"name", node.name.str()}, {"version", node.version}, {"requested", node.requested}};
    item["chains"] = chains_json(answer.opened.graph, report);
    item["has_more"] = report.has_more;
    value["packages"].push_back(std::move(item));
  }
  return value;
}

Text why_text(const ops::DependencyGraph& graph, std::size_t target, const ops::WhyReport& report) {
  const auto& node = graph.nodes[target];
  auto text = chains_text(graph, report);
  const bool is_project = node.kind == ops::GraphNode::Kind::project;
  if (report.chains.empty())
    return Text(label(node),
                is_project       ? ": the project itself"
                : node.requested ? ": nothing needs it; it was asked for"
                                 : ": nothing needs it",
                "\n");
  if (node.requested) append(text, "\n", label(node), " was asked for, too\n");
  return text;
}

}  // namespace

Result<int> why_command(const Invocation& invocation) {
  ops::WhyOptions options;
  int limit = 50;
  PKG_TRY_ASSIGN(auto setup,
                 CommandSetup::begin(invocation, "Show by which requirements a package is there, shortest chain first.",
                                     "pkg why idna"));
  auto& parser = setup.parser();
  parser.positional("NAME", options.name, "Which package", true);
  parser.integer("--limit", limit, "Show at most so many chains; 0 shows all");
  parser.flag("--universal", options.graph.universal, "Look at the whole lock, for every platform and Python");
  add_graph_options(parser, options.graph);
  PKG_TRY_ASSIGN(auto context, setup.finish(Asks::index));
  if (!context) return 0;
  options.limit = static_cast<std::size_t>(limit);
  auto settings = context->session().settings();
  settings.retries = std::min(settings.retries, 1);  // only for texts that can be left out
  auto& session = context->session().with(settings, context->session().build_options());
  PKG_TRY_ASSIGN(const auto answer, ops::why(options, session));
  warn_unreadable(answer.unreadable, session.reporter());
  if (context->global().json) {
    out_json(why_json(answer));
    return 0;
  }
  if (answer.is_elsewhere && context->says(0)) err("Not for this environment; in the whole lock:\n");
  bool is_first = true;
  for (const auto& [target, report] : answer.targets) {
    if (!is_first) out("\n");
    out(why_text(answer.opened.graph, target, report));
    is_first = false;
    if (report.has_more && context->says(0))
      err("There are more than ", report.chains.size(), " chains: --limit 0 shows all\n");
  }
  return 0;
}

}  // namespace pkg::cli
