#include <sys/stat.h>

#include <algorithm>

#include "base/text.h"
#include "cli/command.h"
#include "cli/command_context.h"
#include "cli/config/take.h"
#include "cli/options/options.h"
#include "cli/options/sync_flags.h"
#include "cli/output/install_output.h"
#include "cli/output/output.h"
#include "cli/output/render.h"
#include "ops/run/run.h"

namespace pkg::cli {
namespace {

// Tells what was installed, in few words: the command's own output comes next.
void tell_installed(const std::optional<ops::InstallReport>& report, CommandContext& context) {
  if (!report) return;
  for (const auto& warning : report->warnings) context.session().reporter().warning(warning);
  if (!report->changes.empty() && context.says(0)) err(install_summary(*report));
}

struct RunFlags {
  SyncFlags sync;
  ops::RunOptions options;
  bool exact = false;
};

void declare(OptionParser& parser, RunFlags& flags) {
  auto& options = flags.options;
  parser.rest("COMMAND", options.command,
              "A program of the environment or of PATH, or a Python script, with its arguments");
  parser.flag("-m,--module", options.module, "Run COMMAND as a module, as `python -m` does");
  parser.flag("--script", options.script, "Run COMMAND as a Python script, whatever it is called");
  parser.list("--with", options.with, "Install this requirement, too, for this run", "REQUIREMENT");
  parser.list("--with-requirements", options.with_files, "Install what this file asks for, too, for this run", "FILE");
  parser.setting("no-sync", options.no_sync);
  parser.flag("--no-project", options.no_project, "Run without the project that is here");
  add_freshness_options(parser, options.sync.locked, options.sync.frozen);
  parser.flag("--exact", flags.exact, "Remove what the lock does not name, as `pkg sync` does");
  add_selection_options(parser, flags.sync.selection);
  add_sync_options(parser, flags.sync, options.sync, false);
}

constexpr const char* kSummary =
    "Run a command in the project's environment, locked and synced first where needed. A script with a `# /// script` "
    "block gets an "
    "environment of its own. Everything after COMMAND goes to it.";
constexpr const char* kExample = "pkg run --with pytest-cov -- pytest -x";

// The words that are pkg's: --project behind the command is the command's, and says nothing of where our settings are.
Result<Invocation> own_words(const Invocation& invocation) {
  if (std::ranges::none_of(invocation.words, [](const std::string& word) { return word.starts_with("--project"); }))
    return invocation;
  RunFlags flags;
  OptionParser parser(invocation, kSummary, kExample);
  declare(parser, flags);
  PKG_TRY_ASSIGN(const bool parsed, parser.parse());
  auto own = invocation;
  if (parsed) own.words.resize(own.words.size() - std::min(own.words.size(), flags.options.command.size()));
  return own;
}

Result<ops::RunPlan> plan(const Invocation& invocation, RunFlags& flags, const Config& config) {
  auto& sync = flags.options.sync;
  PKG_TRY_ASSIGN(auto context, make_context(invocation, flags.sync, config, sync));
  sync.inexact = !flags.exact;
  PKG_TRY_ASSIGN(auto plan, ops::plan_run(flags.options, context.session()));
  if (context.says(0)) tell_environment({plan.made, plan.made_again, !plan.made.empty()}, context);
  if (plan.sync) tell_sync(*plan.sync, context);
  tell_installed(plan.script_environment, context);
  tell_installed(plan.with_environment, context);
  return plan;
}

}  // namespace

Result<int> run_command(const Invocation& invocation) {
  RunFlags flags;
  PKG_TRY_ASSIGN(const auto own, own_words(invocation));
  PKG_TRY_ASSIGN(const auto config, CommandContext::load_config(own));
  apply_config(config, flags.sync, flags.options.sync);
  take_freshness(config, flags.options.sync.locked, flags.options.sync.frozen);
  take(config, "no-sync", flags.options.no_sync);
  OptionParser parser(invocation, kSummary, kExample);
  declare(parser, flags);
  PKG_TRY_ASSIGN(const bool go_on, parser.parse());
  if (!go_on) return 0;
  PKG_TRY_ASSIGN(const auto planned, plan(invocation, flags, config));
  if (interruption().is_cancelled()) return make_error(ErrorKind::interrupted, "interrupted");
  flush();
  ::umask(static_cast<mode_t>(invocation.start.user_mask));
  return ops::become(planned);
}

}  // namespace pkg::cli
