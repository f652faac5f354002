#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/front.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/render.h"
#include "ops/inspect.h"

namespace pkg::cli {

Result<int> check_command(const Invocation& invocation) {
  GlobalOptions global;
  IndexOptions index;
  ops::EnvironmentOptions environment;
  PKG_TRY_ASSIGN(const auto config, Front::load_config(invocation));
  apply_config(config, index);
  OptionParser parser(invocation, "Check that installed distributions have what they need.", "pkg check");
  add_environment_options(parser, environment, false);
  add_cache_options(parser, index);
  add_global_options(parser, global);
  PKG_TRY_ASSIGN(const bool go_on, parser.parse());
  if (!go_on) return 0;
  PKG_TRY_ASSIGN(auto front, Front::make(global, index, config));
  PKG_TRY_ASSIGN(const auto report, ops::check(environment, front.session()));
  if (global.json) {
    auto value = result_json("check");
    value["checked"] = report.checked;
    value["problems"] = report.problems;
    out(json::dump(value, 2) + "\n");
  } else {
    for (const auto& problem : report.problems) out(cat(printable(problem), "\n"));
    if (report.problems.empty()) out("No broken requirements found.\n");
  }
  return report.problems.empty() ? 0 : 1;
}

}  // namespace pkg::cli
