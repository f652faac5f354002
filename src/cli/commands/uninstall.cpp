#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/command_setup.h"
#include "cli/options/options.h"
#include "cli/output/install_output.h"
#include "cli/output/output.h"
#include "cli/output/render.h"
#include "ops/install/uninstall.h"

namespace pkg::cli {
namespace {

std::string meant(const std::string& name, const ops::UninstallReport& report) {
  const auto near = report.near_names.find(name);
  return near == report.near_names.end() ? std::string() : cat("; did you mean ", quote(near->second), "?");
}

}  // namespace

Result<int> uninstall_command(const Invocation& invocation) {
  ops::UninstallOptions options;
  PKG_TRY_ASSIGN(auto setup,
                 CommandSetup::begin(invocation, "Remove distributions from an environment.", "pkg uninstall numpy"));
  auto& parser = setup.parser();
  apply_config(setup.config(), options.environment);
  parser.positionals("NAME", options.names, "What to remove");
  parser.list("-r,--requirement,--requirements", options.requirements_files, "Remove what this file names", "FILE");
  parser.flag("--orphans", options.orphans, "Remove what nothing requires any more, too");
  parser.setting("dry-run", options.dry_run, "Say what would be removed");
  add_environment_options(parser, options.environment, true);
  PKG_TRY_ASSIGN(auto context, setup.finish(Asks::no_index));
  if (!context) return 0;
  PKG_TRY_ASSIGN(const auto report, ops::uninstall(options, context->session()));

  for (const auto& warning : report.warnings) context->session().reporter().warning(warning);
  for (const auto& name : report.not_installed)
    context->session().reporter().warning(cat("skipping ", quote(name), ": it is not installed", meant(name, report)));
  if (context->global().json) {
    auto value = result_json("uninstall");
    value["environment"] = report.prefix.string();
    value["dry_run"] = report.dry_run;
    value["changes"] = changes_json(report.changes);
    value["not_installed"] = report.not_installed;
    if (report.dry_run) value["files"] = report.files;
    out_json(value);
    return 0;
  }
  if (!context->says(0)) return 0;
  tell_environment({.prefix = report.prefix, .dry_run = report.dry_run, .any = !report.changes.empty()}, *context);
  err(changes_text(report.changes));
  if (report.dry_run && context->says(1)) {
    for (const auto& file : report.files) err("  ", file, "\n");
  }
  err(uninstall_summary(report));
  return 0;
}

}  // namespace pkg::cli
