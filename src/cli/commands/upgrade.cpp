#include "cli/command.h"
#include "cli/front.h"
#include "cli/install_output.h"
#include "cli/lock_output.h"
#include "cli/options.h"
#include "cli/sync_flags.h"
#include "ops/sync_lock.h"

namespace pkg::cli {

Result<int> upgrade_command(const Invocation& invocation) {
  SyncFlags flags;
  ops::SyncOptions options;
  std::vector<std::string> names;
  bool no_sync = false;
  PKG_TRY_ASSIGN(const auto config, Front::load_config(invocation));
  apply_config(config, flags, options);

  OptionParser parser(invocation, "Lock the project with newer versions of everything or of what is named, then sync its environment.",
                      "pkg upgrade numpy 'pandas==2.2'");
  parser.positionals("NAME", names, "What to upgrade, with ==VERSION where a certain one is wanted; everything when nothing is named");
  parser.flag("--no-sync", no_sync, "Lock only");
  parser.flag("--dry-run", options.dry_run, "Say what would change");
  parser.flag("--inexact", options.inexact, "Keep what the lock does not name");
  add_selection_options(parser, flags.selection);
  add_sync_options(parser, flags, options, false);
  PKG_TRY_ASSIGN(const bool go_on, parser.parse());
  if (!go_on) return 0;
  PKG_TRY_ASSIGN(auto front, make_front(flags, config, options));
  auto& packages = options.lock.resolve.upgrade_packages;
  packages.insert(packages.end(), names.begin(), names.end());
  options.lock.resolve.upgrade = packages.empty();
  options.lock.dry_run = options.dry_run;
  if (no_sync) {
    PKG_TRY_ASSIGN(const auto report, ops::lock_project(options.lock, front.session()));
    return print_lock(report, "upgrade", front);
  }
  PKG_TRY_ASSIGN(const auto report, ops::sync_lock(options, front.session()));
  return print_sync(report, "upgrade", front);
}

}  // namespace pkg::cli
