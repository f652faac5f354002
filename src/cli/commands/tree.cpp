#include <nlohmann/json.hpp>

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
#include "ops/inspect/held_back.h"
#include "ops/inspect/tree.h"

namespace pkg::cli {

Result<int> tree_command(const Invocation& invocation) {
  ResolverFlags resolver;
  ops::GraphOptions options;
  SelectionFlags selection;
  ops::WalkOptions walk;
  std::string depth;
  bool invert = false, outdated = false, no_dedupe = false;
  PKG_TRY_ASSIGN(auto setup, CommandSetup::begin(
                                 invocation, "Show what needs what: in the project's lock, or else in an environment.",
                                 "pkg tree --invert --package idna"));
  auto& parser = setup.parser();
  apply_config(setup.config(), resolver);
  apply_config(setup.config(), selection);
  parser.flag("--invert,--reverse", invert, "From what is needed to what needs it");
  parser.text("-d,--depth", depth, "Levels below the first", "N");
  parser.list("--package", walk.packages, "Start at this one", "NAME");
  parser.list("--prune", walk.prune, "Leave this one out, with what is below it", "NAME");
  parser.flag("--no-dedupe", no_dedupe, "Show again what was shown");
  parser.flag("--outdated", outdated, "Say which releases are newer");
  parser.flag("--universal", options.universal, "The whole lock, for every platform and Python");
  add_graph_options(parser, options);
  add_selection_options(parser, selection);
  PKG_TRY_ASSIGN(auto context, setup.finish(Asks::index));
  if (!context) return 0;
  if (!depth.empty()) {
    const auto levels = parse_u64(depth);
    if (!levels) return make_error(ErrorKind::usage, cat("--depth wants a number, and got ", quote(depth)));
    walk.depth = static_cast<std::size_t>(*levels);
  }
  options.selection = selection_of(selection);
  walk.dedupe = !no_dedupe;
  walk.direction = invert ? ops::Direction::needed_by : ops::Direction::needs;

  PKG_TRY_ASSIGN(const auto opened, ops::open_graph(options, context->session()));
  PKG_TRY_ASSIGN(const auto lines, ops::walk(opened.graph, walk));
  TreeStyle style{.direction = walk.direction, .markers = options.universal};
  if (outdated) {
    PKG_TRY_ASSIGN(const auto resolve, make_resolve_options(resolver, context->session()));
    PKG_TRY_ASSIGN(const auto newer, ops::newer_releases(opened, resolve.policy, context->session()));
    for (const auto& [node, releases] : newer) {
      if (releases.latest) style.latest.emplace(node, releases.latest->to_string());
    }
  }
  if (context->global().json) {
    auto value = result_json("tree");
    value["source"] = source_json(opened.is_lock, opened.path);
    value["universal"] = options.universal;
    value["inverted"] = invert;
    value.update(tree_json(opened.graph, lines, style));
    out_json(value);
    return 0;
  }
  out(tree_text(opened.graph, lines, style));
  return 0;
}

}  // namespace pkg::cli
