// list, show, check, inspect, verify, freeze, tree, why, outdated, latest, versions.

#include <algorithm>

#include "base/text.h"
#include "ops/inspect/freeze.h"
#include "ops/inspect/held_back.h"
#include "ops/inspect/inspect.h"
#include "ops/inspect/outdated.h"
#include "ops/inspect/tree.h"
#include "ops/inspect/why.h"
#include "ops/world/verb.h"

namespace pkg::test {
namespace {

ops::ListOptions list_options(Words& words) {
  ops::ListOptions options;
  options.environment = environment_of(words);
  options.paths = words.values("--path");
  options.editable_only = words.flag("--editable");
  options.exclude_editable = words.flag("--exclude-editable");
  options.not_required = words.flag("--not-required");
  options.exclude = words.values("--exclude");
  return options;
}

Result<std::string> list(VerbCall& call) {
  const auto options = list_options(call.words);
  const bool verbose = call.words.flag("--verbose");
  call.words.rest();
  PKG_TRY_ASSIGN(const auto listing, ops::list(options, verbose, call.session));
  std::string text;
  for (const auto& dist : listing.dists) {
    append(text, dist.name, " ", dist.version);
    if (!dist.editable_location.empty()) append(text, " editable ", dist.editable_location);
    if (verbose) append(text, " in ", dist.location, " by ", dist.installer);
    append(text, "\n");
  }
  return text;
}

Result<std::string> show(VerbCall& call) {
  const auto environment = environment_of(call.words);
  const bool files = call.words.flag("--files");
  PKG_TRY_ASSIGN(const auto report, ops::show(call.words.rest(), environment, files, call.session));
  std::string text;
  for (const auto& dist : report.dists) {
    append(text, dist.name, " ", dist.version, " in ", dist.location, dist.has_record ? "" : " (no RECORD)", "\n",
           "  installer: ", dist.installer,
           "\n  requires: ", dist.requires_.empty() ? "nothing" : join(dist.requires_, ", "),
           "\n  required by: ", dist.required_by.empty() ? "nothing" : join(dist.required_by, ", "), "\n");
    if (!dist.editable_location.empty()) append(text, "  editable: ", dist.editable_location, "\n");
    text += lines_of(dist.files, "  file ") + lines_of(dist.entry_points, "  entry point ");
  }
  return text + lines_of(report.not_found, "not found: ");
}

Result<std::string> check(VerbCall& call) {
  const auto environment = environment_of(call.words);
  call.words.rest();
  PKG_TRY_ASSIGN(const auto report, ops::check(environment, call.session));
  return cat(lines_of(report.problems), report.checked, " checked\n");
}

Result<std::string> inspect(VerbCall& call) {
  const auto environment = environment_of(call.words);
  call.words.rest();
  PKG_TRY_ASSIGN(const auto report, ops::inspect(environment, call.session));
  std::string text = cat("Python ", report.environment.python_full_version, "\n");
  for (const auto& dist : report.dists) {
    append(text, *dist.metadata.get("name"), " in ", dist.metadata_location, " by ", dist.installer,
           dist.requested ? " requested" : "", dist.direct_url ? cat(" from ", dist.direct_url->url) : "", "\n");
  }
  return text;
}

Result<std::string> verify(VerbCall& call) {
  const auto environment = environment_of(call.words);
  PKG_TRY_ASSIGN(const auto report, ops::verify(call.words.rest(), environment, ops::Mend::no, call.session));
  constexpr std::string_view kKinds[]{"missing", "altered", "unreadable", "no record"};
  std::string text;
  for (const auto& problem : report.problems) {
    append(text, problem.dist.str(), " ", kKinds[static_cast<std::size_t>(problem.kind)], " ", problem.path, "\n");
  }
  return cat(text, report.checked, " checked\n");
}

Result<std::string> freeze(VerbCall& call) {
  ops::FreezeOptions options;
  options.list = list_options(call.words);
  options.all = call.words.flag("--all");
  options.requirements_files = call.words.values("-r");
  call.words.rest();
  PKG_TRY_ASSIGN(const auto lines, ops::freeze(options, call.session));
  std::string text;
  for (const auto& line : lines) append(text, line.text, "\n");
  return text;
}

ops::GraphOptions graph_options(Words& words) {
  ops::GraphOptions options;
  options.environment = environment_of(words);
  options.installed = words.flag("--installed");
  options.universal = words.flag("--universal");
  options.selection = selection_of(words);
  return options;
}

std::string node_text(const ops::GraphNode& node) {
  using Kind = ops::GraphNode::Kind;
  return cat(node.name.str(), node.version.empty() ? "" : " ", node.version,
             node.kind == Kind::project   ? " (project)"
             : node.kind == Kind::missing ? " (missing)"
                                          : "");
}

std::string edge_text(const ops::GraphEdge& edge) {
  std::string text = edge.is_stated ? edge.requirement.to_string() : edge.requirement.name.str();
  for (const auto& extra : edge.via_extras) append(text, " extra ", extra.str());
  for (const auto& group : edge.via_groups) append(text, " group ", group.str());
  return text;
}

std::string tree_line(const ops::DependencyGraph& graph, const ops::TreeLine& line) {
  using Mark = ops::TreeLine::Mark;
  std::string text(line.level * 2, ' ');
  append(text, node_text(graph.nodes[line.node]));
  if (line.edge) append(text, " [", edge_text(graph.edges[*line.edge]), "]");
  return cat(text, line.mark == Mark::repeated ? " (*)" : line.mark == Mark::cycle ? " (cycle)" : "");
}

Result<std::string> tree(VerbCall& call) {
  const auto options = graph_options(call.words);
  ops::WalkOptions walk;
  if (call.words.flag("--invert")) walk.direction = ops::Direction::needed_by;
  walk.packages = call.words.values("--package");
  walk.prune = call.words.values("--prune");
  walk.dedupe = !call.words.flag("--no-dedupe");
  if (const auto depth = parse_u64(call.words.value("--depth"))) walk.depth = *depth;
  const bool state = call.words.flag("--state");
  call.words.rest();
  PKG_TRY_ASSIGN(auto opened, ops::open_graph(options, call.session));
  std::string text = opened.is_lock ? "lock\n" : "environment\n";
  if (state) {
    std::vector<std::size_t> nodes(opened.graph.nodes.size());
    for (std::size_t i = 0; i < nodes.size(); ++i) nodes[i] = i;
    for (const auto& name : ops::state_requirements(opened, nodes, call.session))
      append(text, "unreadable ", name.str(), "\n");
  }
  PKG_TRY_ASSIGN(const auto lines, ops::walk(opened.graph, walk));
  for (const auto& line : lines) append(text, tree_line(opened.graph, line), "\n");
  return text;
}

Result<std::string> why(VerbCall& call) {
  ops::WhyOptions options;
  options.graph = graph_options(call.words);
  if (const auto limit = parse_u64(call.words.value("--limit"))) options.limit = *limit;
  const auto names = call.words.rest();
  options.name = names.at(0);
  PKG_TRY_ASSIGN(const auto answer, ops::why(options, call.session));
  std::string text = answer.is_elsewhere ? "elsewhere\n" : "";
  for (const auto& [target, report] : answer.targets) {
    append(text, node_text(answer.opened.graph.nodes[target]), report.has_more ? " (more)" : "", "\n");
    for (const auto& chain : report.chains) {
      append(text, "  ", node_text(answer.opened.graph.nodes[chain.nodes[0]]));
      for (std::size_t i = 1; i < chain.nodes.size(); ++i) {
        std::string edges;
        for (const auto edge : chain.links[i - 1])
          append(edges, edges.empty() ? "" : ", ", edge_text(answer.opened.graph.edges[edge]));
        append(text, " -[", edges, "]-> ", node_text(answer.opened.graph.nodes[chain.nodes[i]]));
      }
      append(text, "\n");
    }
  }
  for (const auto& name : answer.unreadable) append(text, "unreadable ", name.str(), "\n");
  return text;
}

Result<std::string> outdated(VerbCall& call) {
  ops::HeldBackOptions options;
  options.graph = graph_options(call.words);
  options.policy = resolve_of(call.words).policy;
  options.direct_only = call.words.flag("--direct");
  call.words.rest();
  PKG_TRY_ASSIGN(const auto report, ops::held_back(options, call.session));
  std::string text;
  for (const auto& dist : report.dists) {
    append(text, dist.name.str(), " ", dist.version, " -> ", dist.latest, dist.type.empty() ? "" : " ", dist.type,
           dist.newest.empty() ? "" : " newest ", dist.newest, dist.is_direct ? " direct" : "", "\n");
    for (const auto& hold : dist.holds) append(text, "  held by ", hold.to_string(), "\n");
  }
  for (const auto& name : report.unreadable) append(text, "unreadable ", name.str(), "\n");
  return cat(text, report.checked, " checked\n");
}

Result<std::string> latest(VerbCall& call) {
  ops::LatestOptions options;
  options.prereleases = call.words.flag("--pre");
  const auto listing_options = list_options(call.words);
  options.environment = listing_options.environment;
  call.words.rest();
  PKG_TRY_ASSIGN(const auto listing, ops::list(listing_options, false, call.session));
  PKG_TRY_ASSIGN(const auto found, ops::latest_releases(listing, options, call.session));
  constexpr std::string_view kStandings[]{"outdated", "up to date", "ahead"};
  std::string text;
  for (std::size_t i = 0; i < found.size(); ++i) {
    append(text, listing.dists[i].name, " ", listing.dists[i].version, " ");
    if (found[i])
      append(text, found[i]->latest, " ", found[i]->type, " ",
             kStandings[static_cast<std::size_t>(found[i]->standing)]);
    append(text, found[i] ? "" : "unknown", "\n");
  }
  return text;
}

Result<std::string> versions(VerbCall& call) {
  const bool pre = call.words.flag("--pre");
  const auto environment = environment_of(call.words);
  const auto names = call.words.rest();
  PKG_TRY_ASSIGN(const auto found, ops::available_versions(names.at(0), environment, pre, call.session));
  std::string text = cat(found.name.str(), ":");
  for (const auto& version : found.versions) append(text, " ", version.to_string());
  return cat(text, found.installed.empty() ? "" : " installed ", found.installed, "\n");
}

}  // namespace

Verbs inspect_verbs() {
  return {{"list", list},         {"show", show},     {"check", check},      {"inspect", inspect},
          {"verify", verify},     {"freeze", freeze}, {"tree", tree},        {"why", why},
          {"outdated", outdated}, {"latest", latest}, {"versions", versions}};
}

}  // namespace pkg::test
