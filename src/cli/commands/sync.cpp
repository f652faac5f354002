#include <algorithm>

#include "base/text.h"
#include "cli/command.h"
#include "cli/command_context.h"
#include "cli/config/take.h"
#include "cli/options/options.h"
#include "cli/options/sync_flags.h"
#include "cli/output/download_output.h"
#include "cli/output/install_output.h"
#include "ops/install/sync.h"
#include "ops/install/sync_lock.h"

namespace pkg::cli {
namespace {

enum class Checking : bool { no, yes };

// --check: 1 where something would be changed.
int exit_code(Checking checking, bool differs) { return checking == Checking::yes && differs ? 1 : 0; }

Result<int> sync_requirements(ops::InstallOptions options, const ops::SyncOptions& sync, Checking checking,
                              CommandContext& context) {
  options.environment = sync.environment;
  options.apply = sync.apply;
  options.resolve = sync.lock.resolve;
  options.dry_run = sync.dry_run;
  options.other = sync.other;
  options.reinstall = sync.reinstall;
  options.reinstall_packages = sync.reinstall_packages;
  PKG_TRY(read_standard_input(options.inputs));
  PKG_TRY_ASSIGN(const auto report, ops::sync(options, context.session()));
  PKG_TRY_ASSIGN(const int code, print_install(report, "sync", {}, context));
  return std::max(code, exit_code(checking, ops::differs_from(report)));
}

}  // namespace

Result<int> sync_command(const Invocation& invocation) {
  SyncFlags flags;
  ops::SyncOptions options;
  ops::InstallOptions requirements;
  bool reinstall = false, check = false;
  PKG_TRY_ASSIGN(const auto config, CommandContext::load_config(invocation));
  apply_config(config, flags, options);
  take_freshness(config, options.locked, options.frozen);
  take(config, "reinstall-package", options.reinstall_packages);

  OptionParser parser(invocation,
                      "Make an environment hold exactly what a lock says: the project's pylock.toml, locked again "
                      "first where it is stale, or "
                      "the named lock or pinned requirements.",
                      "pkg sync --extra plot --no-dev");
  parser.positionals("FILE", requirements.inputs.requirements_files,
                     "What to install: a pylock.toml of any tool, or requirements, all pinned with ==");
  add_member_options(parser, options.members);
  add_selection_options(parser, flags.selection);
  parser.group("Options");
  add_freshness_options(parser, options.locked, options.frozen);
  parser.text("--script", options.lock.script, "Take the lock of this script instead of the project's", "FILE");
  parser.flag("--inexact", options.inexact, "Keep what the lock does not name");
  parser.setting("force-reinstall", reinstall);
  parser.setting("reinstall-package", options.reinstall_packages, "Install this package again, even where it is there");
  parser.setting("dry-run", options.dry_run);
  parser.flag("--check", check, "Change nothing, and exit with 1 where there is something to do");
  parser.setting("require-hashes", requirements.inputs.require_hashes, "Require a hash for every pinned requirement");
  add_other_target_options(parser, options.other, "For another Python: with --target or --dry-run");
  add_torch_options(parser, flags.index);
  add_sync_options(parser, flags, options, true);
  PKG_TRY_ASSIGN(const bool go_on, parser.parse());
  if (!go_on) return 0;
  const auto& files = requirements.inputs.requirements_files;
  const auto locks = std::ranges::count_if(files, is_lock);
  PKG_TRY(refuse_misnamed_locks(files));
  if (locks > 0 && files.size() > 1) return make_error(ErrorKind::usage, "a lock is synced alone: name one file");
  flags.index.takes_torch_backend = locks == 0 && !files.empty();
  if (!flags.index.takes_torch_backend) PKG_TRY(refuse_torch_backend(flags.index, config));
  PKG_TRY(check_torch_backend(flags.index, config, options.other.platforms.empty()));
  PKG_TRY_ASSIGN(auto context, make_context(invocation, flags, config, options));
  options.dry_run = options.dry_run || check;
  const auto checking = check ? Checking::yes : Checking::no;
  if (options.members.is_set() && !files.empty())
    return make_error(ErrorKind::usage, "--package and --all-packages choose members of a project, not of a file",
                      "leave the file out");
  if (reinstall) options.reinstall = venv::Reinstall::all;
  if (locks == 0 && !files.empty()) return sync_requirements(std::move(requirements), options, checking, context);
  if (locks > 0) options.file = files.front();
  PKG_TRY_ASSIGN(const auto report, ops::sync_lock(options, context.session()));
  PKG_TRY_ASSIGN(const int code, print_sync(report, "sync", context));
  return std::max(code, exit_code(checking, report.differs()));
}

}  // namespace pkg::cli
