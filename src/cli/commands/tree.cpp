#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/graph_options.h"
#include "cli/lock_options.h"
#include "cli/opening.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/render.h"
#include "cli/render_tree.h"
#include "ops/held_back.h"
#include "ops/tree.h"

namespace pkg::cli {

Result<int> tree_command(const Invocation& invocation) {
  ResolverFlags resolver;
  ops::GraphOptions options;
  SelectionFlags selection;
  ops::WalkOptions walk;
  std::string depth;
  bool invert = false, outdated = false, no_dedupe = false;
  PKG_TRY_ASSIGN(auto opening, Opening::begin(invocation, "Show what needs what: in the project's lock, or else in an environment.",
                                              "pkg tree --invert --package idna"));
  auto& parser = opening.parser();
  apply_config(opening.config(), resolver);
  parser.flag("--invert,--reverse", invert, "From what is needed to what needs it");
  parser.text("-d,--depth", depth, "Levels below the first", "N");
  parser.list("--package", walk.packages, "Begin with this one", "NAME");
  parser.list("--prune", walk.prune, "Leave this one out, with what is below it", "NAME");
  parser.flag("--no-dedupe", no_dedupe, "Show again what was shown");
  parser.flag("--outdated", outdated, "Say which releases are newer");
  parser.flag("--universal", options.universal, "The whole lock, for every platform and Python");
  add_graph_options(parser, options);
  add_selection_options(parser, selection);
  PKG_TRY_ASSIGN(auto front, opening.finish(Asks::index));
  if (!front) return 0;
  if (!depth.empty()) {
    const auto levels = parse_u64(depth);
    if (!levels) return make_error(ErrorKind::usage, cat("--depth wants a number, and got ", quote(depth)));
    walk.depth = static_cast<std::size_t>(*levels);
  }
  options.selection = selection_of(selection);
  walk.dedupe = !no_dedupe;
  walk.direction = invert ? ops::Direction::needed_by : ops::Direction::needs;

  PKG_TRY_ASSIGN(const auto opened, ops::open_graph(options, front->session()));
  PKG_TRY_ASSIGN(const auto lines, ops::walk(opened.graph, walk));
  TreeStyle style{.direction = walk.direction, .markers = options.universal};
  if (outdated) {
    PKG_TRY_ASSIGN(const auto resolve, make_resolve_options(resolver, front->session()));
    PKG_TRY_ASSIGN(const auto newer, ops::newer_releases(opened, resolve.policy, front->session()));
    for (const auto& [node, releases] : newer) {
      if (releases.latest) style.latest.emplace(node, releases.latest->to_string());
    }
  }
  if (front->global().json) {
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
