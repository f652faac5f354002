#include "ops/run.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/front.h"
#include "cli/install_output.h"
#include "cli/lock_options.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/render.h"

namespace pkg::cli {
namespace {

// Tells what was installed, in few words: the command's own output comes next.
void tell_installed(const std::optional<ops::InstallReport>& report, Front& front) {
  if (!report) return;
  for (const auto& warning : report->warnings) front.session().reporter().warning(warning);
  if (!report->changes.empty() && front.says(0)) err(install_summary(*report));
}

}  // namespace

Result<int> run_command(const Invocation& invocation) {
  GlobalOptions global;
  IndexOptions index;
  ResolverFlags resolver;
  LinkFlags link;
  LockFlags lock;
  SelectionFlags selection;
  ops::RunOptions options;
  bool exact = false;
  auto& sync = options.sync;
  PKG_TRY_ASSIGN(const auto config, Front::load_config(invocation));
  apply_config(config, index);
  apply_config(config, resolver);
  apply_config(config, link);
  apply_config(config, lock);
  apply_config(config, sync.environment);
  apply_config(config, sync.lock.inputs);

  OptionParser parser(invocation,
                      "Run a command in the project's environment, locked and synced first where needed. A script with a `# /// script` "
                      "block gets an environment of its own. What follows COMMAND is given to it.",
                      "pkg run --with pytest-cov -- pytest -x");
  parser.rest("COMMAND", options.command, "A program of the environment or of PATH, or a Python script, and its arguments");
  parser.flag("-m,--module", options.module, "COMMAND is a module");
  parser.flag("--script", options.script, "COMMAND is a Python script, whatever it is called");
  parser.list("--with", options.with, "With this requirement too, for this run", "REQUIREMENT");
  parser.list("--with-requirements", options.with_files, "With what this file asks for", "FILE");
  parser.flag("--no-sync", options.no_sync, "Take the environment as it is");
  parser.flag("--no-project", options.no_project, "Leave the project aside");
  add_freshness_options(parser, sync.locked, sync.frozen);
  parser.flag("--exact", exact, "Remove what the lock does not name, as `pkg sync` does");
  add_selection_options(parser, selection);
  add_environment_options(parser, sync.environment, false);
  add_lock_options(parser, lock);
  add_resolver_options(parser, resolver);
  add_link_options(parser, link);
  add_index_options(parser, index);
  add_global_options(parser, global);
  PKG_TRY_ASSIGN(const bool go_on, parser.parse());
  if (!go_on) return 0;
  ops::RunPlan plan;
  {
    PKG_TRY_ASSIGN(auto front, Front::make(global, index, config));
    PKG_TRY_ASSIGN(sync.lock.resolve, make_resolve_options(resolver, front.session().now()));
    PKG_TRY_ASSIGN(sync.apply, make_apply_options(link, !index.no_verify_record));
    apply(lock, sync.lock);
    sync.selection = selection_of(selection);
    sync.inexact = !exact;
    sync.no_install_project = true;  // said by `pkg sync`; a command's output should begin with the command
    PKG_TRY_ASSIGN(plan, ops::plan_run(options, front.session()));
    if (plan.sync) tell_sync(*plan.sync, front);
    tell_installed(plan.script_environment, front);
    tell_installed(plan.with_environment, front);
  }
  if (interruption().is_cancelled()) return make_error(ErrorKind::interrupted, "interrupted");
  flush();
  return ops::become(plan);
}

}  // namespace pkg::cli
