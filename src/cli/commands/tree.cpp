#include <nlohmann/json.hpp>

#include "base/fs.h"
#include "base/json.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/command_setup.h"
#include "cli/options/graph_options.h"
#include "cli/options/lock_options.h"
#include "cli/options/options.h"
#include "cli/output/output.h"
#include "cli/output/render.h"
#include "cli/output/render_tree.h"
#include "cli/output/tree_page.h"
#include "ops/inspect/held_back.h"
#include "ops/inspect/tree.h"

namespace pkg::cli {
namespace {

Result<int> write(const std::string& text, const std::string& output, CommandContext& context) {
  if (output.empty())
    out_file(text);
  else
    PKG_TRY(fs::publish(context.session().working_folder() / output, text));
  return 0;
}

// The name of the project, or of the environment's folder: nothing of where it lies.
std::string title_of(const ops::OpenedGraph& opened) {
  for (const auto root : opened.graph.roots)
    if (opened.graph.nodes[root].kind == ops::GraphNode::Kind::project) return opened.graph.nodes[root].name.str();
  const auto place = opened.is_lock ? opened.path.parent_path() : opened.path;
  return place.filename() == ".venv" ? place.parent_path().filename().string() : place.filename().string();
}

Result<TreePage> page_of(const ops::OpenedGraph& opened, const ops::GraphOptions& options,
                         const ResolverFlags& resolver, bool outdated, CommandContext& context) {
  TreePage page{title_of(opened), opened.is_lock, ops::package_facts(opened, context.session()), {}};
  if (!outdated) return page;
  ops::HeldBackOptions held{.graph = options, .policy = {}, .direct_only = false};
  PKG_TRY_ASSIGN(const auto resolve, make_resolve_options(resolver, context.session()));
  held.policy = resolve.policy;
  PKG_TRY_ASSIGN(auto report, ops::held_back(held, context.session()));
  page.held_back = std::move(report.dists);
  return page;
}

}  // namespace

Result<int> tree_command(const Invocation& invocation) {
  ResolverFlags resolver;
  ops::GraphOptions options;
  SelectionFlags selection;
  ops::WalkOptions walk;
  std::string depth, format = "text", output;
  bool invert = false, outdated = false, no_dedupe = false, all = false;
  PKG_TRY_ASSIGN(auto setup, CommandSetup::begin(
                                 invocation, "Show what needs what: in the project's lock, or else in an environment.",
                                 "pkg tree --invert --package idna"));
  auto& parser = setup.parser();
  apply_config(setup.config(), resolver);
  apply_config(setup.config(), selection);
  parser.flag("--invert,--reverse", invert, "Show what needs a package instead of what it needs");
  parser.text("-d,--depth", depth, "Show so many levels below the first", "N");
  parser.list("--package", walk.packages, "Start at this package, or member of the workspace", "NAME");
  parser.flag("--all-packages", all, "Start at all members of the workspace (default)");
  parser.list("--prune", walk.prune, "Leave out this package with what is below it", "NAME");
  parser.flag("--no-dedupe", no_dedupe, "Show what is below a package each time it occurs");
  parser.flag("--outdated", outdated, "Say which packages have newer releases");
  parser.choice("--format", format, {"text", "json", "html"},
                "Show the tree as text, as JSON, or as a page with search, sizes and licences");
  parser.text("-o,--output-file", output, "Write to this file instead of standard output", "FILE");
  parser.flag("--universal", options.universal, "Show the whole lock, for every platform and Python");
  add_graph_options(parser, options);
  add_selection_options(parser, selection);
  PKG_TRY_ASSIGN(auto context, setup.finish(Asks::index));
  if (!context) return 0;
  if (!depth.empty()) {
    const auto levels = parse_u64(depth);
    if (!levels) return make_error(ErrorKind::usage, cat("--depth wants a number, and got ", quote(depth)));
    walk.depth = static_cast<std::size_t>(*levels);
  }
  if (all && !walk.packages.empty())
    return make_error(ErrorKind::usage, "--package and --all-packages exclude each other",
                      "name packages, or take all");
  options.selection = selection_of(selection);
  walk.dedupe = !no_dedupe;
  walk.direction = invert ? ops::Direction::needed_by : ops::Direction::needs;

  PKG_TRY_ASSIGN(const auto opened, ops::open_graph(options, context->session()));
  PKG_TRY_ASSIGN(const auto lines, ops::walk(opened.graph, walk));
  TreeStyle style{.direction = walk.direction, .markers = options.universal};
  if (outdated && format != "html") {
    PKG_TRY_ASSIGN(const auto resolve, make_resolve_options(resolver, context->session()));
    PKG_TRY_ASSIGN(const auto newer, ops::newer_releases(opened, resolve.policy, context->session()));
    for (const auto& [node, releases] : newer) {
      if (releases.latest) style.latest.emplace(node, releases.latest->to_string());
    }
  }
  if (format == "html") {
    PKG_TRY_ASSIGN(const auto page, page_of(opened, options, resolver, outdated, *context));
    return write(tree_page(opened.graph, lines, style, page), output, *context);
  }
  if (context->global().json || format == "json") {
    auto value = result_json("tree");
    value["source"] = source_json(opened.is_lock, opened.path);
    value["universal"] = options.universal;
    value["inverted"] = invert;
    value.update(tree_json(opened.graph, lines, style));
    if (!output.empty()) return write(cat(json_text(value, 2), "\n"), output, *context);
    out_json(value);
    return 0;
  }
  const auto text = tree_text(opened.graph, lines, style);
  if (!output.empty()) return write(text.str(), output, *context);
  out(text);
  return 0;
}

}  // namespace pkg::cli
