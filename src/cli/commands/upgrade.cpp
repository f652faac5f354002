#include "cli/command.h"
#include "cli/command_context.h"
#include "cli/config/take.h"
#include "cli/options/options.h"
#include "cli/options/sync_flags.h"
#include "cli/output/install_output.h"
#include "cli/output/lock_output.h"
#include "ops/install/sync_lock.h"

namespace pkg::cli {

Result<int> upgrade_command(const Invocation& invocation) {
  SyncFlags flags;
  ops::SyncOptions options;
  std::vector<std::string> names;
  bool no_sync = false;
  PKG_TRY_ASSIGN(const auto config, CommandContext::load_config(invocation));
  apply_config(config, flags, options);
  take(config, "no-sync", no_sync);

  OptionParser parser(
      invocation, "Lock the project with newer versions of everything or of what is named, then sync its environment.",
      "pkg upgrade numpy 'pandas==2.2'");
  parser.positionals("NAME", names,
                     "What to upgrade, with ==VERSION where a certain one is wanted; everything when nothing is named");
  parser.setting("no-sync", no_sync, "Lock, and leave the environment as it is");
  parser.setting("dry-run", options.dry_run, "Say what would change, and change nothing");
  parser.flag("--inexact", options.inexact, "Keep what the lock does not name");
  add_selection_options(parser, flags.selection);
  add_sync_options(parser, flags, options, false);
  PKG_TRY_ASSIGN(const bool go_on, parser.parse());
  if (!go_on) return 0;
  PKG_TRY_ASSIGN(auto context, make_context(invocation, flags, config, options));
  auto& packages = options.lock.resolve.upgrade_packages;
  packages.insert(packages.end(), names.begin(), names.end());
  options.lock.resolve.upgrade = packages.empty();
  options.lock.dry_run = options.dry_run;
  if (no_sync) {
    PKG_TRY_ASSIGN(const auto report, ops::lock_project(options.lock, context.session()));
    return print_lock(report, "upgrade", context);
  }
  PKG_TRY_ASSIGN(const auto report, ops::sync_lock(options, context.session()));
  return print_sync(report, "upgrade", context);
}

}  // namespace pkg::cli
