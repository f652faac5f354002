#include <nlohmann/json.hpp>

#include "base/json.h"
#include "cli/command.h"
#include "cli/front.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/render.h"
#include "ops/inspect.h"

namespace pkg::cli {

// pip's inspect report, version 1.
Result<int> inspect_command(const Invocation& invocation) {
  GlobalOptions global;
  IndexOptions index;
  ops::EnvironmentOptions environment;
  bool local = false;
  PKG_TRY_ASSIGN(const auto config, Front::load_config(invocation));
  apply_config(config, index);
  OptionParser parser(invocation, "Describe an environment as JSON (pip's inspect report).", "pkg inspect | jq .installed");
  parser.flag("--local", local, "Accepted; only this environment is described anyway");
  add_environment_options(parser, environment, false);
  add_cache_options(parser, index);
  add_global_options(parser, global);
  PKG_TRY_ASSIGN(const bool go_on, parser.parse());
  if (!go_on) return 0;
  PKG_TRY_ASSIGN(auto front, Front::make(global, index, config));
  PKG_TRY_ASSIGN(const auto report, ops::inspect(environment, front.session()));
  json::Json value{{"schema", 1}, {"version", "1"}, {"pip_version", "pkg " PKG_VERSION}, {"installed", json::Json::array()}};
  for (const auto& dist : report.dists) {
    json::Json item{
        {"metadata", raw_metadata_json(dist.metadata)}, {"metadata_location", dist.metadata_location}, {"requested", dist.requested}};
    if (!dist.installer.empty()) item["installer"] = dist.installer;
    if (dist.direct_url) {
      PKG_TRY_ASSIGN(auto direct, json::parse(dist.direct_url->to_json()));
      item["direct_url"] = std::move(direct);
    }
    value["installed"].push_back(std::move(item));
  }
  value["environment"] = environment_json(report.environment);
  out(json::dump(value, 2) + "\n");
  return 0;
}

}  // namespace pkg::cli
