#include <algorithm>

#include "base/text.h"
#include "cli/command.h"
#include "cli/command_context.h"
#include "cli/config/take.h"
#include "cli/options/lock_options.h"
#include "cli/options/options.h"
#include "cli/output/download_output.h"
#include "cli/output/install_output.h"
#include "ops/install/install.h"
#include "ops/install/sync_lock.h"

namespace pkg::cli {
namespace {

bool is_alone(const ops::InputOptions& inputs) {
  return inputs.words.empty() && inputs.requirements_files.size() == 1 && inputs.groups.empty() &&
         inputs.editables.empty() && inputs.scripts.empty();
}

// `-r pylock.toml`: what the lock has for this environment; what is there besides stays.
Result<int> install_lock(const ops::InstallOptions& options, CommandContext& context) {
  ops::SyncOptions sync;
  sync.file = options.inputs.requirements_files.front();
  sync.selection.extras = options.inputs.extras;
  sync.selection.all_extras = options.inputs.all_extras;
  sync.environment = options.environment;
  sync.apply = options.apply;
  sync.reinstall = options.reinstall;
  sync.reinstall_packages = options.reinstall_packages;
  sync.inexact = true;
  sync.dry_run = options.dry_run;
  sync.other = options.other;
  PKG_TRY_ASSIGN(const auto report, ops::sync_lock(sync, context.session()));
  return print_sync(report, "install", context);
}

}  // namespace

Result<int> install_command(const Invocation& invocation) {
  GlobalOptions global;
  IndexOptions index;
  ResolverFlags resolver;
  LinkFlags link;
  ops::InstallOptions options;
  std::string report_file;
  bool force_reinstall = false, no_script_warnings = false;
  bool no_warn_conflicts = false;
  PKG_TRY_ASSIGN(const auto config, CommandContext::load_config(invocation));
  apply_config(config, index);
  apply_config(config, resolver);
  apply_config(config, link);
  apply_config(config, options.environment);
  apply_config(config, options.inputs);
  take(config, "reinstall-package", options.reinstall_packages);
  take(config, "ignore-installed", options.ignore_installed);
  take(config, "no-warn-conflicts", no_warn_conflicts);
  force_reinstall = config.flag("force-reinstall");
  options.dry_run = config.flag("dry-run");

  OptionParser parser(invocation,
                      "Resolve requirements and install them into an environment; make .venv when there is none.",
                      "pkg install 'numpy>=2' -r requirements.txt");
  parser.positionals("REQUIREMENT", options.inputs.words,
                     "What to install: names with specifiers, paths or URLs of wheels");
  add_input_options(parser, options.inputs);
  add_environment_options(parser, options.environment, true);
  add_resolver_options(parser, resolver);
  add_link_options(parser, link);
  parser.group("Options");
  parser.setting("force-reinstall", force_reinstall);
  parser.setting("reinstall-package", options.reinstall_packages);
  parser.setting("ignore-installed", options.ignore_installed);
  parser.flag("--only-deps,--only-dependencies", options.only_dependencies,
              "Take what the named ones require, without themselves");
  parser.setting("no-warn-script-location", no_script_warnings);
  parser.setting("no-warn-conflicts", no_warn_conflicts);
  parser.setting("dry-run", options.dry_run);
  parser.text("--report", report_file, "Write pip's installation report to this file; `-` is standard output", "FILE");
  add_other_target_options(parser, options.other, "For another Python: with --target or --dry-run");
  add_torch_options(parser, index);
  add_index_options(parser, index);
  add_global_options(parser, global);
  PKG_TRY_ASSIGN(const bool go_on, parser.parse());
  if (!go_on) return 0;
  if (!options.inputs.names_something())
    return make_error(ErrorKind::usage, "nothing to install was named", "pkg install NAME, or -r FILE");
  if (options.only_dependencies && (resolver.no_deps || options.inputs.names_files()))
    return make_error(ErrorKind::usage,
                      "--only-deps leaves out what is named: it cannot be combined with --no-deps, -r or --group");
  options.warn_script_location = !no_script_warnings && !config.flag("no-warn-script-location");
  options.warn_conflicts = !no_warn_conflicts;
  if (force_reinstall) options.reinstall = venv::Reinstall::all;
  options.want_report = !report_file.empty();
  PKG_TRY(check_torch_backend(index, config, options.other.platforms.empty()));
  PKG_TRY_ASSIGN(auto context, CommandContext::make(invocation, global, index, config));
  PKG_TRY_ASSIGN(options.resolve, make_resolve_options(resolver, context.session()));
  PKG_TRY_ASSIGN(options.apply, make_apply_options(link, index));
  PKG_TRY(refuse_misnamed_locks(options.inputs.requirements_files));
  if (std::ranges::any_of(options.inputs.requirements_files, is_lock)) {
    if (!is_alone(options.inputs))
      return make_error(ErrorKind::usage, "a lock is installed alone: name nothing beside it");
    PKG_TRY(refuse_torch_backend(index, config));
    return install_lock(options, context);
  }
  PKG_TRY(read_standard_input(options.inputs));
  PKG_TRY_ASSIGN(const auto report, ops::install(options, context.session()));
  return print_install(report, "install", report_file, context);
}

}  // namespace pkg::cli
