#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/command_context.h"
#include "cli/config/take.h"
#include "cli/options/options.h"
#include "cli/options/sync_flags.h"
#include "cli/output/edit_output.h"
#include "cli/output/install_output.h"
#include "cli/output/lock_output.h"
#include "cli/output/output.h"
#include "cli/output/render.h"
#include "ops/edit/bump_bounds.h"
#include "ops/install/sync_lock.h"
#include "ops/install/upgrade_environment.h"
#include "ops/project/members.h"

namespace pkg::cli {
namespace {

struct UpgradeFlags {
  SyncFlags sync;
  ops::BumpOptions bump;  // names, groups, and how to lock and sync
  bool moves_bounds = false, all = false, no_project = false;
};

json::Json bump_json(const ops::BumpReport& report) {
  auto value = result_json("upgrade");
  value["dry_run"] = report.dry_run;
  value["bumped"] = json::Json::array();
  for (const auto& bumped : report.bumped)
    value["bumped"].push_back({{"file", bumped.file},
                               {"list", bumped.list},
                               {"name", bumped.name},
                               {"version", bumped.version},
                               {"before", bumped.before},
                               {"after", bumped.after}});
  add_outcome(report, value);
  return value;
}

Text bump_text(const ops::BumpReport& report) {
  std::vector<std::vector<std::string>> rows{{"File", "List", "Old", "New"}};
  for (const auto& bumped : report.bumped) rows.push_back({bumped.file, bumped.list, bumped.before, bumped.after});
  return table(rows);
}

Result<int> print_bump(const ops::BumpReport& report, CommandContext& context) {
  const bool is_json = context.global().json;
  if (!is_json && context.says(0)) {
    if (!report.bumped.empty()) err(bump_text(report), "\n");
    err(report.dry_run ? "Would move" : "Moved", " the bounds of ", report.bumped.size(), " of ",
        counted(report.looked_at, "requirement"), " that have any\n");
  }
  tell_outcome(report, context);
  if (is_json) out_json(bump_json(report));
  return 0;
}

// Without a project: what is in the environment.
Result<int> upgrade_environment(const UpgradeFlags& flags, CommandContext& context) {
  if (flags.bump.edit.no_sync)
    return make_error(ErrorKind::usage,
                      "--no-sync leaves the environment as it is, and there is no project whose lock could change");
  const auto& sync = flags.bump.edit.sync;
  ops::EnvironmentUpgradeOptions options;
  options.names = flags.bump.names;
  options.install.inputs = sync.lock.inputs;
  options.install.environment = sync.environment;
  options.install.resolve = sync.lock.resolve;
  options.install.apply = sync.apply;
  options.install.dry_run = flags.bump.edit.dry_run;
  PKG_TRY_ASSIGN(const auto report, ops::upgrade_environment(options, context.session()));
  return print_install(report, "upgrade", {}, context);
}

// What is named, and what the groups that are named require.
Result<std::vector<std::string>> wanted_names(const UpgradeFlags& flags, const ops::Session& session) {
  auto names = flags.bump.names;
  if (flags.bump.groups.empty()) return names;
  PKG_TRY_ASSIGN(const auto project, ops::open_project(session.working_folder()));
  PKG_TRY_ASSIGN(const auto of_groups, ops::names_in_groups(project, flags.bump.groups));
  for (const auto& name : of_groups) names.push_back(name.str());
  return names;
}

Result<int> upgrade_project(UpgradeFlags& flags, CommandContext& context) {
  auto& edit = flags.bump.edit;
  auto& options = edit.sync;
  PKG_TRY_ASSIGN(const auto names, wanted_names(flags, context.session()));
  auto& packages = options.lock.resolve.upgrade_packages;
  packages.insert(packages.end(), names.begin(), names.end());
  options.lock.resolve.upgrade = packages.empty() && flags.bump.groups.empty();
  options.lock.dry_run = options.dry_run = edit.dry_run;
  if (flags.moves_bounds) {
    PKG_TRY_ASSIGN(const auto report, ops::bump_bounds(flags.bump, context.session()));
    return print_bump(report, context);
  }
  if (edit.no_sync) {
    PKG_TRY_ASSIGN(const auto report, ops::lock_project(options.lock, context.session()));
    return print_lock(report, "upgrade", context);
  }
  PKG_TRY_ASSIGN(const auto report, ops::sync_lock(options, context.session()));
  return print_sync(report, "upgrade", context);
}

Status check(const UpgradeFlags& flags) {
  const bool limits = !flags.bump.names.empty() || !flags.bump.groups.empty();
  if (flags.all && limits)
    return make_error(ErrorKind::usage, "--all upgrades everything: name nothing beside it, and no --group");
  if (!flags.bump.edit.package.empty() && !flags.moves_bounds)
    return make_error(ErrorKind::usage, "--package says whose bounds --bump moves: the lock is of all members");
  if (flags.no_project && (flags.moves_bounds || !flags.bump.groups.empty()))
    return make_error(ErrorKind::usage,
                      "--bump and --group are of projects, and --no-project leaves the project aside");
  return ok_status();
}

}  // namespace

Result<int> upgrade_command(const Invocation& invocation) {
  UpgradeFlags flags;
  auto& edit = flags.bump.edit;
  PKG_TRY_ASSIGN(const auto config, CommandContext::load_config(invocation));
  apply_config(config, flags.sync, edit.sync);
  take(config, "no-sync", edit.no_sync);

  OptionParser parser(invocation,
                      "Take newer versions of everything or of what is named: in a project for its lock and "
                      "environment, elsewhere for the environment alone.",
                      "pkg upgrade numpy 'pandas==2.2'");
  parser.positionals("NAME", flags.bump.names,
                     "What to upgrade, with ==VERSION where a certain one is wanted; everything when nothing is named");
  parser.flag("--all", flags.all, "Upgrade everything, as when nothing is named");
  parser.flag("--bump", flags.moves_bounds,
              "Move the bounds in pyproject.toml, too, so that the newest versions which go together fit");
  parser.text("--package", edit.package, "Move the bounds of this member of the workspace alone", "NAME");
  parser.flag("--no-project", flags.no_project, "Upgrade the environment, and leave the project aside");
  parser.setting("no-sync", edit.no_sync, "Lock, and leave the environment as it is");
  parser.setting("dry-run", edit.dry_run, "Say what would change, and change nothing");
  parser.flag("--inexact", edit.sync.inexact, "Keep what the lock does not name");
  add_selection_options(parser, flags.sync.selection, "Upgrade what this dependency group names, and sync with it");
  add_sync_options(parser, flags.sync, edit.sync, false);
  PKG_TRY_ASSIGN(const bool go_on, parser.parse());
  if (!go_on) return 0;
  flags.bump.groups = flags.sync.selection.selection.groups;
  PKG_TRY(check(flags));
  PKG_TRY_ASSIGN(auto context, make_context(invocation, flags.sync, config, edit.sync));
  const bool is_about_project = flags.moves_bounds || !flags.bump.groups.empty();
  const bool is_outside = !ops::is_in_project(context.session().working_folder()) && !is_about_project;
  if (flags.no_project || is_outside) return upgrade_environment(flags, context);
  return upgrade_project(flags, context);
}

}  // namespace pkg::cli
