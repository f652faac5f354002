#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/foreground.h"
#include "base/fs.h"
#include "base/limits.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/command_context.h"
#include "cli/config/take.h"
#include "cli/options/options.h"
#include "cli/options/sync_flags.h"
#include "cli/output/install_output.h"
#include "cli/output/output.h"
#include "cli/output/render.h"
#include "cli/output/render_error.h"
#include "cli/output/task_output.h"
#include "cli/question.h"
#include "ops/run/given_script.h"
#include "ops/run/run.h"
#include "ops/run/task_steps.h"

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
  bool exact = false, no_env_file = false, yes = false, list = false, no_prompt = false;
};

void declare(OptionParser& parser, RunFlags& flags) {
  auto& options = flags.options;
  parser.rest("COMMAND", options.command,
              "A task of the project, a program of the environment or of PATH, or a Python script (a file, `-` for "
              "standard input, or an https URL), with its arguments");
  parser.flag("--list", flags.list, "List the project's tasks, and run nothing");
  parser.flag("-m,--module", options.module, "Run COMMAND as a module, as `python -m` does");
  parser.flag("--script,--gui-script", options.script, "Run COMMAND as a Python script, whatever it is called");
  parser.list("--with", options.with, "Install this requirement, too, for this run", "REQUIREMENT");
  parser.list("--with-editable", options.with_editable, "Install this folder in place, too, for this run", "DIR");
  parser.list("--with-requirements", options.with_files, "Install what this file asks for, too, for this run", "FILE");
  parser.setting("env-file", options.env_files);
  parser.setting("no-env-file", flags.no_env_file);
  parser.flag("--isolated", options.isolated,
              "Run in an environment of its own that holds exactly what is asked for, not in the project's");
  parser.setting("no-sync", options.no_sync);
  parser.flag("--no-project", options.no_project, "Run without the project that is here");
  parser.flag("-y,--yes", flags.yes, "Run a script from a URL without asking");
  parser.setting("no-prompt", flags.no_prompt);
  add_member_options(parser, options.sync.members);
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
  flags.sync.global.has_own_isolated = true;
  OptionParser parser(invocation, kSummary, kExample);
  declare(parser, flags);
  PKG_TRY_ASSIGN(const bool parsed, parser.parse());
  auto own = invocation;
  if (parsed) own.words.resize(own.words.size() - std::min(own.words.size(), flags.options.command.size()));
  return own;
}

// A script from a URL is somebody else's program: it is shown, and asked for, once for each content.
Status accept(const ops::RemoteScript& script, const RunFlags& flags) {
  if (flags.yes || script.is_kept) return ok_status();
  if (flags.no_prompt || !can_ask())
    return make_error(ErrorKind::usage, cat("nobody can be asked whether ", quote(script.url), " is to be run"),
                      "where that is meant: pkg run --yes")
        .with(cat("its sha256 is ", script.sha256));
  err(script.url, "\n  ", counted(script.text.size(), "byte"), ", sha256 ", script.sha256, "\n");
  PKG_TRY_ASSIGN(const bool wanted, ask(Text("Run this script?")));
  return wanted ? ok_status() : Status(make_error(ErrorKind::conflict, "the script was not run: nobody agreed to it"));
}

// What is no file yet: a script from standard input, or from a URL.
Status take_script(RunFlags& flags, CommandContext& context) {
  auto& options = flags.options;
  if (options.command.empty() || options.module) return ok_status();
  auto& word = options.command.front();
  if (word == "-" && !options.script) {
    PKG_TRY_ASSIGN(options.input, fs::read_stream_at_most(STDIN_FILENO, "standard input", limits::kText));
    return ok_status();
  }
  if (!ops::is_script_url(word)) return ok_status();
  PKG_TRY_ASSIGN(const auto script, ops::fetch_script(word, context.session()));
  PKG_TRY(accept(script, flags));
  PKG_TRY(ops::keep_script(script));
  word = script.file.string();
  options.script_file = script.file;
  options.script = true;
  return ok_status();
}

Result<ops::RunPlan> plan(RunFlags& flags, CommandContext& context) {
  PKG_TRY(take_script(flags, context));
  PKG_TRY_ASSIGN(auto plan, ops::plan_run(flags.options, context.session()));
  if (context.says(0)) tell_environment({plan.made, plan.made_again, !plan.made.empty()}, context);
  if (plan.sync) tell_sync(*plan.sync, context);
  tell_installed(plan.script_environment, context);
  tell_installed(plan.with_environment, context);
  return plan;
}

// What remains once everything is prepared: whoever prepared it is gone, with all threads.
struct Ready {
  ops::RunPlan plan;
  bool says = false, json = false;
};

// As a shell has it: 127 where there is no such program, 126 where there is one that cannot be executed.
int refused(const Error& error, const Ready& ready) {
  if (ready.json) out_json(error_json(error, "run"));
  flush();
  err(render_error(error));
  return error.kind == ErrorKind::not_found ? 127 : error.kind == ErrorKind::unsupported ? 126 : exit_code(error.kind);
}

// One step after the other, until one fails; the last one takes this process' place.
int carry_out(const Ready& ready) {
  const auto& steps = ready.plan.steps;
  for (const auto& step : steps) {
    const auto command = ops::command_of(ready.plan, step);
    if (!command) return refused(command.error(), ready);
    if (ready.says && steps.size() > 1) err(step.task, ": ", command_text(step.words), "\n");
    flush();
    if (&step == &steps.back()) return refused(process::become(*command), ready);
    const auto code = process::run_in_foreground(*command);
    if (!code) return refused(code.error(), ready);
    if (*code == 0) continue;
    if (ready.says)
      err("task ", quote(step.task), " stopped: `", command_text(step.words), "` ended with ", *code, "\n");
    return *code;
  }
  return 0;
}

Result<int> list_tasks(const RunFlags& flags, CommandContext& context) {
  PKG_TRY_ASSIGN(const auto tasks, ops::list_tasks(flags.options.sync.members, context.session()));
  if (context.global().json) {
    auto value = result_json("run");
    value["tasks"] = tasks_json(tasks);
    out_json(value);
    return 0;
  }
  if (tasks.empty() && context.says(0)) err("There are no tasks: [tool.pkg.tasks] of pyproject.toml has them\n");
  out(tasks_text(tasks));
  return 0;
}

}  // namespace

Result<int> run_command(const Invocation& invocation) {
  RunFlags flags;
  flags.sync.global.has_own_isolated = true;
  PKG_TRY_ASSIGN(const auto own, own_words(invocation));
  PKG_TRY_ASSIGN(const auto config, CommandContext::load_config(own));
  apply_config(config, flags.sync, flags.options.sync);
  take_freshness(config, flags.options.sync.locked, flags.options.sync.frozen);
  take(config, "no-sync", flags.options.no_sync);
  take(config, "env-file", flags.options.env_files);
  take(config, "no-env-file", flags.no_env_file);
  take(config, "no-prompt", flags.no_prompt);
  OptionParser parser(invocation, kSummary, kExample);
  declare(parser, flags);
  PKG_TRY_ASSIGN(const bool go_on, parser.parse());
  if (!go_on) return 0;
  if (flags.no_env_file) flags.options.env_files.clear();
  Ready ready;
  {
    PKG_TRY_ASSIGN(auto context, make_context(invocation, flags.sync, config, flags.options.sync));
    flags.options.sync.inexact = !flags.exact;
    if (flags.list) return list_tasks(flags, context);
    PKG_TRY_ASSIGN(ready.plan, plan(flags, context));
    ready.says = context.says(0);
    ready.json = context.global().json;
  }
  if (interruption().is_cancelled()) return make_error(ErrorKind::interrupted, "interrupted");
  ::umask(static_cast<mode_t>(invocation.start.user_mask));
  return carry_out(ready);
}

}  // namespace pkg::cli
