// `pkg tool`: each action has its own words, options and help; `pkg tool --help` shows all of them. `pkgx` is
// `pkg tool run` (src/cli/cli.cpp).
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/json.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/command_context.h"
#include "cli/config/take.h"
#include "cli/options/options.h"
#include "cli/output/install_output.h"
#include "cli/output/output.h"
#include "cli/output/render.h"
#include "cli/output/render_error.h"
#include "cli/output/tool_output.h"
#include "cli/question.h"
#include "ops/tools/install_tool.h"
#include "ops/tools/installed_tools.h"
#include "ops/tools/run_tool.h"
#include "ops/tools/shell_profile.h"
#include "ops/tools/tool_words.h"

namespace pkg::cli {
namespace {

constexpr int kNoSuchCommand = 127, kCannotRun = 126;  // as a shell's

enum class Action : std::uint8_t { any, run, install, upgrade, uninstall, list, dir, ensure_path };
struct ActionWord {
  std::string_view word;
  Action action;
};
constexpr auto kActions = std::to_array<ActionWord>({{"run", Action::run},
                                                     {"install", Action::install},
                                                     {"upgrade", Action::upgrade},
                                                     {"uninstall", Action::uninstall},
                                                     {"list", Action::list},
                                                     {"dir", Action::dir},
                                                     {"ensure-path", Action::ensure_path}});
constexpr const char* kActionWords = "run|install|upgrade|uninstall|list|dir|ensure-path";

struct ToolFlags {
  GlobalOptions global;
  IndexOptions index;
  ResolverFlags resolver;
  LinkFlags link;
  std::vector<std::string> command, names, with, executables_from;
  std::string action, word, from, python;
  bool yes = false, no_prompt = false, editable = false, force = false, all = false, bin = false, dry_run = false;
  ToolColumns columns;
};

void apply_config(const Config& config, ToolFlags& flags) {
  apply_config(config, flags.index);
  apply_config(config, flags.resolver);
  apply_config(config, flags.link);
  take(config, "no-prompt", flags.no_prompt);
}

bool is_one_of(Action action, std::initializer_list<Action> actions) {
  return action == Action::any || std::ranges::find(actions, action) != actions.end();
}

void declare_words(OptionParser& parser, ToolFlags& flags, Action action) {
  switch (action) {
    case Action::any:
      parser.positional(kActionWords, flags.action, "What to do: each has its own --help", true);
      parser.positionals("NAME", flags.names, "A tool, with its arguments for `run`");
      break;
    case Action::run:
      parser.rest("TOOL", flags.command,
                  "A program of the package of this name, with its arguments: NAME, NAME@VERSION, NAME@latest");
      break;
    case Action::install:
      parser.positional("TOOL", flags.word, "NAME, NAME@VERSION, a requirement, a folder, a file or a URL");
      break;
    case Action::upgrade:
    case Action::uninstall:
      parser.positionals("NAME", flags.names, "Which tools");
      break;
    default:
      break;
  }
}

constexpr std::string_view kIsolatedRun = "Do not use the tool that is installed";
constexpr std::string_view kIsolatedAny =
    "For `run`: do not use the tool that is installed. Else: ignore PIP_* and PKG_* variables and the user's settings "
    "files";

void declare_own(OptionParser& parser, ToolFlags& flags, Action action) {
  using enum Action;
  if (is_one_of(action, {run}))
    parser.text("--from", flags.from, "Take the program from this package (a requirement, a path or a URL)", "TOOL");
  if (is_one_of(action, {run, install}))
    parser.list("--with", flags.with, "Install this, too, into the tool's environment", "REQUIREMENT");
  if (is_one_of(action, {install})) {
    parser.list("--with-executables-from", flags.executables_from, "Install this, too, and link its programs",
                "REQUIREMENT");
    parser.flag("-e,--editable", flags.editable, "Install TOOL, a folder, in place");
    parser.flag("--force", flags.force, "Make it again, and replace what lies where its programs are to be");
  }
  if (is_one_of(action, {run, install, upgrade}))
    parser.text("-p,--python", flags.python, "Make the environment of this interpreter, version or request",
                "PATH|VERSION");
  if (is_one_of(action, {upgrade, uninstall})) parser.flag("--all", flags.all, "Take every tool");
  if (is_one_of(action, {list})) {
    parser.flag("--show-paths", flags.columns.paths, "Show where environments and programs are");
    parser.flag("--show-version-specifiers", flags.columns.specifiers, "Show which versions were asked for");
    parser.flag("--show-with", flags.columns.with, "Show what was installed with them");
    parser.flag("--show-extras", flags.columns.extras, "Show their extras");
    parser.flag("--show-python", flags.columns.python, "Show which Python they have");
  }
  if (is_one_of(action, {dir})) parser.flag("--bin", flags.bin, "The folder that has the programs");
  if (is_one_of(action, {ensure_path}))
    parser.setting("dry-run", flags.dry_run, "Let `ensure-path` say what it would write, and write nothing");
  if (is_one_of(action, {run})) {  // before the group of all verbs, where --isolated is another thing
    parser.flag("--isolated", flags.global.isolated, std::string(action == run ? kIsolatedRun : kIsolatedAny));
    parser.flag("-y,--yes", flags.yes, "Fetch a tool that never ran here without asking");
    parser.setting("no-prompt", flags.no_prompt);
  }
}

void declare(OptionParser& parser, ToolFlags& flags, Action action) {
  using enum Action;
  declare_words(parser, flags, action);
  declare_own(parser, flags, action);
  if (is_one_of(action, {run, install, upgrade})) {
    add_resolver_options(parser, flags.resolver);
    add_link_options(parser, flags.link);
    add_index_options(parser, flags.index);
  } else {
    add_cache_options(parser, flags.index);
  }
  add_global_options(parser, flags.global);
}

std::string_view summary_of(Action action) {
  switch (action) {
    case Action::run:
      return "Run a program of a package, in an environment that is kept in the cache. Everything after TOOL goes to "
             "it.";
    case Action::install:
      return "Install a tool into an environment of its own, and link its programs.";
    case Action::upgrade:
      return "Upgrade tools, within what they were installed with.";
    case Action::uninstall:
      return "Remove tools and the links to their programs.";
    case Action::list:
      return "List the tools that are installed.";
    case Action::dir:
      return "Print the folder of the tools.";
    case Action::ensure_path:
      return "Put the folder of the programs on PATH: one line in your shell's profile.";
    default:
      return "Run programs of packages, or install them for your account: each in an environment of its own.";
  }
}

std::string_view example_of(Action action) {
  switch (action) {
    case Action::install:
      return "pkg tool install 'black[d]>=24'";
    case Action::upgrade:
      return "pkg tool upgrade --all";
    case Action::uninstall:
      return "pkg tool uninstall black";
    case Action::list:
      return "pkg tool list --show-paths";
    case Action::dir:
      return "pkg tool dir --bin";
    case Action::ensure_path:
      return "pkg tool ensure-path --dry-run";
    default:
      return "pkg tool run ruff@latest check .";
  }
}

// Same words as an option of the index gives: upgrades look there, too.
bool says_where(const IndexOptions& given, const IndexOptions& settings) {
  return given.index_url != settings.index_url || given.extra_index_urls != settings.extra_index_urls ||
         given.named_indexes != settings.named_indexes || given.find_links != settings.find_links ||
         given.no_index != settings.no_index;
}

Result<std::vector<pep::Name>> names_of(const ToolFlags& flags, std::string_view action) {
  if (flags.all == !flags.names.empty())
    return make_error(ErrorKind::usage, flags.all ? "--all and names exclude each other" : "no tool was named",
                      cat("pkg tool ", action, " NAME, or --all"));
  std::vector<pep::Name> names;
  for (const auto& word : flags.names) {
    PKG_TRY_ASSIGN(auto name, pep::Name::parse(word));
    if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
  }
  return names;
}

std::optional<std::string> python_of(const ToolFlags& flags) {
  return flags.python.empty() ? std::optional<std::string>() : flags.python;
}

// ---- run

Result<bool> approve(const ops::ToolOrigin& origin, const ToolFlags& flags, const CommandContext& context) {
  const auto what = origin_text(origin);
  if (!flags.yes && !flags.no_prompt && can_ask())
    return ask(Text("This tool never ran here: ", what, ". Fetch and run it?"));
  if (context.says(0)) err("Fetching ", what, "\n");
  return true;
}

void tell(const ops::ToolRun& run, CommandContext& context) {
  for (const auto& warning : run.warnings) context.session().reporter().warning(warning);
  if (!run.install) return;
  for (const auto& warning : run.install->warnings) context.session().reporter().warning(warning);
  if (!run.install->changes.empty() && context.says(0)) err(install_summary(*run.install));
}

int fail(const Error& error, int code, CommandContext& context) {
  if (context.global().json) out_json(error_json(error, "tool run"));
  flush();
  err(render_error(error));
  return code;
}

// nullopt: the exit code is `code`.
Result<std::optional<process::ForegroundCommand>> plan_run(const Invocation& invocation, ToolFlags& flags,
                                                           const Config& config, int& code) {
  if (!flags.command.empty() && ops::tool_word(flags.command.front()).is_latest)
    flags.index.refresh_packages.push_back(ops::tool_word(flags.command.front()).requirement);
  PKG_TRY_ASSIGN(auto context, CommandContext::make(invocation, flags.global, flags.index, config));
  ops::RunToolOptions options;
  options.command = flags.command;
  options.from = flags.from;
  options.with = flags.with;
  options.python = flags.python;
  options.isolated = flags.global.isolated;
  PKG_TRY_ASSIGN(options.resolve, make_resolve_options(flags.resolver, context.session()));
  PKG_TRY_ASSIGN(options.apply, make_apply_options(flags.link, flags.index));
  options.renew = flags.index.refresh || !flags.index.refresh_packages.empty() || options.resolve.upgrade ||
                  !options.resolve.upgrade_packages.empty();
  options.approve = [&](const ops::ToolOrigin& origin) { return approve(origin, flags, context); };
  PKG_TRY_ASSIGN(auto run, ops::plan_tool_run(options, context.session()));
  tell(run, context);
  if (!run.no_program) return std::optional(std::move(run.command));
  code = fail(*run.no_program, kNoSuchCommand, context);
  return std::optional<process::ForegroundCommand>();
}

Result<int> run(const Invocation& invocation, ToolFlags& flags, const Config& config) {
  int code = 0;
  PKG_TRY_ASSIGN(const auto command, plan_run(invocation, flags, config, code));
  if (!command) return code;
  if (interruption().is_cancelled()) return make_error(ErrorKind::interrupted, "interrupted");
  flush();
  ::umask(static_cast<mode_t>(invocation.start.user_mask));
  err(render_error(process::become(*command)));
  return kCannotRun;
}

// ---- the others

Result<int> install(const ToolFlags& flags, bool keeps_indexes, CommandContext& context) {
  if (flags.word.empty()) return make_error(ErrorKind::usage, "no tool was named", "pkg tool install ruff");
  ops::InstallToolOptions options;
  options.word = flags.word;
  options.editable = flags.editable;
  options.with = flags.with;
  options.executables_from = flags.executables_from;
  options.python = python_of(flags);
  options.force = flags.force;
  options.keeps_indexes = keeps_indexes;
  PKG_TRY_ASSIGN(options.resolve, make_resolve_options(flags.resolver, context.session()));
  PKG_TRY_ASSIGN(options.apply, make_apply_options(flags.link, flags.index));
  PKG_TRY_ASSIGN(const auto report, ops::install_tool(options, context.session()));
  return print_tool(report, context);
}

Result<int> upgrade(const ToolFlags& flags, CommandContext& context) {
  ops::UpgradeToolsOptions options;
  PKG_TRY_ASSIGN(options.names, names_of(flags, "upgrade"));
  options.python = python_of(flags);
  PKG_TRY_ASSIGN(options.resolve, make_resolve_options(flags.resolver, context.session()));
  PKG_TRY_ASSIGN(options.apply, make_apply_options(flags.link, flags.index));
  PKG_TRY_ASSIGN(const auto upgraded, ops::upgrade_tools(options, context.session()));
  return print_upgrades(upgraded, context);
}

Result<int> uninstall(const ToolFlags& flags, CommandContext& context) {
  PKG_TRY_ASSIGN(const auto names, names_of(flags, "uninstall"));
  PKG_TRY_ASSIGN(const auto report, ops::uninstall_tools(names, context.session()));
  return print_removals(report, context);
}

Result<int> list(const ToolFlags& flags, CommandContext& context) {
  PKG_TRY_ASSIGN(const auto places, ops::tool_places());
  PKG_TRY_ASSIGN(const auto tools, ops::installed_tools(places));
  return print_tools(tools, flags.columns, context);
}

Result<int> dir(const ToolFlags& flags, CommandContext& context) {
  PKG_TRY_ASSIGN(const auto places, ops::tool_places());
  const auto& folder = flags.bin ? places.programs : places.home;
  if (context.global().json) {
    auto value = result_json("tool dir");
    value["path"] = folder.string();
    out_json(value);
  } else {
    out(folder.string(), "\n");
  }
  return 0;
}

Result<int> act(Action action, const Invocation& invocation) {
  ToolFlags flags;
  flags.global.has_own_isolated = true;
  PKG_TRY_ASSIGN(const auto config, CommandContext::load_config(invocation));
  apply_config(config, flags);
  const auto settings = flags.index;
  OptionParser parser(invocation, std::string(summary_of(action)), std::string(example_of(action)));
  declare(parser, flags, action);
  PKG_TRY_ASSIGN(const bool go_on, parser.parse());
  if (!go_on) return 0;
  if (action == Action::any)
    return make_error(ErrorKind::usage, cat("`pkg tool` has no action ", quote(flags.action)),
                      replace_all(kActionWords, "|", ", "));
  if (action == Action::run) return run(invocation, flags, config);
  const bool keeps_indexes = says_where(flags.index, settings);
  PKG_TRY_ASSIGN(auto context, CommandContext::make(invocation, flags.global, flags.index, config));
  if (action == Action::install) return install(flags, keeps_indexes, context);
  if (action == Action::upgrade) return upgrade(flags, context);
  if (action == Action::uninstall) return uninstall(flags, context);
  if (action == Action::list) return list(flags, context);
  if (action == Action::dir) return dir(flags, context);
  PKG_TRY_ASSIGN(const auto report, ops::ensure_path(flags.dry_run));
  return print_path(report, flags.dry_run, context);
}

const ActionWord* action_named(std::string_view word) {
  const auto found = std::ranges::find(kActions, word, &ActionWord::word);
  return found == kActions.end() ? nullptr : &*found;
}

}  // namespace

Result<int> tool_command(const Invocation& invocation) {
  const auto at =
      std::ranges::find_if(invocation.words, [](const auto& word) { return action_named(word) != nullptr; });
  if (at == invocation.words.end()) return act(Action::any, invocation);
  auto own = invocation;
  append(own.called_as, " ", *at);
  own.words.erase(own.words.begin() + (at - invocation.words.begin()));
  return act(action_named(*at)->action, own);
}

}  // namespace pkg::cli
