#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/opening.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/render.h"
#include "ops/inspect.h"

namespace pkg::cli {

Result<int> check_command(const Invocation& invocation) {
  ops::EnvironmentOptions environment;
  PKG_TRY_ASSIGN(auto opening, Opening::begin(invocation, "Check that installed distributions have what they need.", "pkg check"));
  auto& parser = opening.parser();
  add_environment_options(parser, environment, false);
  PKG_TRY_ASSIGN(auto front, opening.finish(Asks::no_index));
  if (!front) return 0;
  PKG_TRY_ASSIGN(const auto report, ops::check(environment, front->session()));
  if (front->global().json) {
    auto value = result_json("check");
    value["checked"] = report.checked;
    value["problems"] = report.problems;
    out_json(value);
  } else {
    for (const auto& problem : report.problems) out(problem, "\n");
    if (report.problems.empty()) out("No broken requirements found.\n");
  }
  return report.problems.empty() ? 0 : 1;
}

}  // namespace pkg::cli
