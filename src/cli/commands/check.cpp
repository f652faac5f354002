#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/command_setup.h"
#include "cli/options/options.h"
#include "cli/output/output.h"
#include "cli/output/render.h"
#include "ops/inspect/inspect.h"

namespace pkg::cli {

Result<int> check_command(const Invocation& invocation) {
  ops::EnvironmentOptions environment;
  PKG_TRY_ASSIGN(auto setup, CommandSetup::begin(invocation, "Check that installed distributions have what they need.",
                                                 "pkg check"));
  auto& parser = setup.parser();
  add_environment_options(parser, environment, false);
  PKG_TRY_ASSIGN(auto context, setup.finish(Asks::no_index));
  if (!context) return 0;
  PKG_TRY_ASSIGN(const auto report, ops::check(environment, context->session()));
  if (context->global().json) {
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
