#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/command_context.h"
#include "cli/config/take.h"
#include "cli/options/options.h"
#include "cli/options/sync_flags.h"
#include "cli/output/edit_output.h"
#include "cli/output/output.h"
#include "cli/output/render.h"
#include "ops/edit/project_version.h"
#include "pep/version_bump.h"

namespace pkg::cli {
namespace {

json::Json version_json(const ops::VersionReport& report) {
  auto value = result_json("version");
  value["project"] = report.project;
  value["file"] = report.file.string();
  value["version"] = report.version.empty() ? json::Json() : json::Json(report.version);
  if (!report.old_version.empty()) value["old_version"] = report.old_version;
  if (!report.source.empty()) value["dynamic"] = report.source;
  value["dry_run"] = report.dry_run;
  add_outcome(report, value);
  return value;
}

Text version_text(const ops::VersionReport& report, bool is_short) {
  if (is_short) return Text(report.version, "\n");
  if (report.version.empty()) return Text(report.project, " (dynamic: from ", report.source, ")\n");
  if (report.old_version.empty()) return Text(report.project, " ", report.version, "\n");
  return Text(report.project, " ", report.old_version, " -> ", report.version, "\n");
}

}  // namespace

Result<int> version_command(const Invocation& invocation) {
  SyncFlags flags;
  ops::VersionOptions options;
  auto& edit = options.edit;
  PKG_TRY_ASSIGN(const auto config, CommandContext::load_config(invocation));
  apply_config(config, flags, edit.sync);
  take(config, "frozen", edit.frozen);
  take(config, "no-sync", edit.no_sync);

  OptionParser parser(invocation,
                      "Say the project's version, set it, or raise it; then lock and sync where there is a lock.",
                      "pkg version --bump minor");
  parser.positional("VALUE", options.value, "The new version");
  parser.list("--bump", options.bumps,
              "Raise this part: major, minor, patch, stable, alpha, beta, rc, post or dev, or set it: patch=7", "PART");
  parser.flag("--short", options.wants_value, "Print the version alone");
  parser.text("--package", edit.package, "Take this member of the workspace", "NAME");
  parser.setting("frozen", edit.frozen, "Change the file, without lock and sync");
  parser.setting("no-sync", edit.no_sync, "Leave the environment as it is");
  parser.setting("dry-run", edit.dry_run, "Say what would change, and change nothing");
  add_sync_options(parser, flags, edit.sync, false);
  PKG_TRY_ASSIGN(const bool go_on, parser.parse());
  if (!go_on) return 0;
  if (!options.value.empty() && !options.bumps.empty())
    return make_error(ErrorKind::usage, "a version is given, or a part to --bump: one of them");
  edit.sync.inexact = true;  // a version takes nothing away
  PKG_TRY_ASSIGN(auto context, make_context(invocation, flags, config, edit.sync));
  PKG_TRY_ASSIGN(const auto report, ops::project_version(options, context.session()));
  if (context.global().json) {
    out_json(version_json(report));
  } else {
    out(version_text(report, options.wants_value));
  }
  tell_outcome(report, context);
  return 0;
}

}  // namespace pkg::cli
