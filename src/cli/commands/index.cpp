#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/command_context.h"
#include "cli/options/options.h"
#include "cli/output/output.h"
#include "cli/output/render.h"
#include "ops/inspect/outdated.h"

namespace pkg::cli {

Result<int> index_command(const Invocation& invocation) {
  GlobalOptions global;
  IndexOptions index;
  ops::EnvironmentOptions environment;
  std::string action, name;
  bool pre = false;
  PKG_TRY_ASSIGN(const auto config, CommandContext::load_config(invocation));
  apply_config(config, index);
  OptionParser parser(invocation, "Ask the index which versions of a project this environment could use.",
                      "pkg index versions numpy");
  parser.positional("versions", action, "What to ask", true);
  parser.positional("NAME", name, "Which project", true);
  parser.setting("pre", pre, "List pre-releases, too");
  add_environment_options(parser, environment, false);
  add_index_options(parser, index);
  add_global_options(parser, global);
  PKG_TRY_ASSIGN(const bool go_on, parser.parse());
  if (!go_on) return 0;
  if (action != "versions")
    return make_error(ErrorKind::usage, cat("`pkg index` has no action ", quote(action)), "versions");
  PKG_TRY_ASSIGN(auto context, CommandContext::make(invocation, global, index, config));
  PKG_TRY_ASSIGN(const auto available, ops::available_versions(name, environment, pre, context.session()));
  std::vector<std::string> versions;
  for (const auto& version : available.versions) versions.push_back(version.to_string());
  if (global.json) {
    auto value = result_json("index versions");
    value["name"] = available.name.str();
    value["versions"] = versions;
    value["latest"] = versions.front();
    if (!available.installed.empty()) value["installed_version"] = available.installed;
    out_json(value);
    return 0;
  }
  out(available.name.str(), " (", versions.front(), ")\nAvailable versions: ", join(versions, ", "), "\n");
  if (!available.installed.empty())
    out("  INSTALLED: ", available.installed, "\n  LATEST:    ", versions.front(), "\n");
  return 0;
}

}  // namespace pkg::cli
