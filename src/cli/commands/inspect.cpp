#include <nlohmann/json.hpp>

#include "base/json.h"
#include "cli/command.h"
#include "cli/command_setup.h"
#include "cli/options/options.h"
#include "cli/output/output.h"
#include "cli/output/render.h"
#include "ops/inspect/inspect.h"

namespace pkg::cli {

// pip's inspect report, version 1.
Result<int> inspect_command(const Invocation& invocation) {
  ops::EnvironmentOptions environment;
  bool local = false;
  PKG_TRY_ASSIGN(auto setup, CommandSetup::begin(invocation, "Describe an environment as JSON (pip's inspect report).",
                                                 "pkg inspect | jq .installed"));
  auto& parser = setup.parser();
  parser.flag("--local", local, "Accepted for pip's sake: only this environment is described anyway");
  add_environment_options(parser, environment, false);
  PKG_TRY_ASSIGN(auto context, setup.finish(Asks::no_index));
  if (!context) return 0;
  PKG_TRY_ASSIGN(const auto report, ops::inspect(environment, context->session()));
  json::Json value{
      {"schema", 1}, {"version", "1"}, {"pip_version", "pkg " PKG_VERSION}, {"installed", json::Json::array()}};
  for (const auto& dist : report.dists) {
    json::Json item{{"metadata", raw_metadata_json(dist.metadata)},
                    {"metadata_location", dist.metadata_location},
                    {"requested", dist.requested}};
    if (!dist.installer.empty()) item["installer"] = dist.installer;
    if (dist.direct_url) {
      PKG_TRY_ASSIGN(auto direct, json::parse(dist.direct_url->to_json()));
      item["direct_url"] = std::move(direct);
    }
    value["installed"].push_back(std::move(item));
  }
  value["environment"] = environment_json(report.environment);
  out_json(value);
  return 0;
}

}  // namespace pkg::cli
