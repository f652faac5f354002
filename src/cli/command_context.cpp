#include "cli/command_context.h"

#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "base/environment_variable.h"
#include "base/fs.h"
#include "base/temporary_folder.h"
#include "base/text.h"
#include "base/time.h"
#include "base/user_folders.h"
#include "cli/config/take.h"
#include "cli/output/output.h"
#include "index/cache/cache_place.h"
#include "ops/builds/builds.h"
#include "venv/state_key.h"

namespace pkg::cli {
namespace {

CancelToken cancel_token;

extern "C" void on_signal(int signal_number) {
  cancel_token.cancel();
  ::signal(signal_number, SIG_DFL);  // a second one ends the process; the journal keeps the environment safe
}

// Leads to the working folder even where that has no name any more; whatever is made there fails.
constexpr const char* kNamelessFolder = "/proc/self/cwd";
bool is_working_folder_gone = false;

Result<fs::Path> working_folder() {
  std::error_code failed;
  auto folder = std::filesystem::current_path(failed);
  if (!failed) return folder;
  if (failed == std::errc::no_such_file_or_directory) {
    // What needs no working folder goes on; with_working_folder() explains why the rest does not.
    is_working_folder_gone = true;
    return fs::Path(kNamelessFolder);
  }
  return make_error(ErrorKind::not_found, cat("cannot find the working folder: ", failed.message()),
                    "change to another folder");
}

}  // namespace

const CancelToken& interruption() { return cancel_token; }

void catch_signals() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  for (const int signal_number : {SIGINT, SIGTERM, SIGHUP}) ::sigaction(signal_number, &action, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
}

Error with_working_folder(Error error) {
  if (!is_working_folder_gone || (error.kind != ErrorKind::not_found && error.kind != ErrorKind::io)) return error;
  Error told = make_error(ErrorKind::not_found, "the working folder was deleted or moved",
                          "change to another folder, and try again");
  told.context.push_back(std::move(error.message));
  for (auto& line : error.context) told.context.push_back(std::move(line));
  return told;
}

std::int64_t now_unix_seconds() { return static_cast<std::int64_t>(::time(nullptr)); }

CommandContext::CommandContext() = default;
CommandContext::CommandContext(CommandContext&&) noexcept = default;

CommandContext::~CommandContext() {
  session_.reset();
  if (!throw_away_cache_.empty()) (void)fs::remove_tree(throw_away_cache_);
}

namespace {

// Of tools neither the project in the working folder nor --project decides anything: a checkout that somebody happens
// to be in says nothing of the programs of their account.
bool is_about_tools(std::string_view verb) { return verb == "tool" || verb.starts_with("tool "); }

// Of `run` and `tool run` the option means something else.
bool is_isolated(const std::vector<std::string>& words, std::string_view verb) {
  if (verb == "run" || verb == "tool run") return false;
  const auto end = std::ranges::find(words, "--");
  return std::find(words.begin(), end, "--isolated") != end;
}

}  // namespace

Result<Config> CommandContext::load_config(const Invocation& invocation) {
  const auto space = invocation.called_as.find(' ');
  const auto verb = space == std::string::npos ? std::string() : invocation.called_as.substr(space + 1);
  // --project moves the place where settings are looked for, so it is read before the rest.
  PKG_TRY_ASSIGN(auto folder, working_folder());
  for (std::size_t i = 0; i < invocation.words.size() && !is_about_tools(verb); ++i) {
    const auto& word = invocation.words[i];
    if (word == "--project" && i + 1 < invocation.words.size())
      folder /= invocation.words[i + 1];
    else if (word.starts_with("--project="))
      folder /= word.substr(10);
  }
  const bool isolated = is_isolated(invocation.words, verb), without_project = is_about_tools(verb);
  const auto variable = [isolated, without_project](const char* name) -> const char* {
    const std::string_view text(name);
    const bool is_setting = text.starts_with("PIP_") || text.starts_with("PKG_");
    if (without_project && text == "VIRTUAL_ENV") return nullptr;  // pip's settings in the active environment
    return isolated && is_setting ? nullptr : std::getenv(name);
  };
  const auto users = isolated ? Config::UserFiles::ignored : Config::UserFiles::read;
  const auto start = without_project ? fs::Path() : folder.lexically_normal();
  PKG_TRY_ASSIGN(auto config, Config::load(verb, start, variable, invocation.start.system_pip_file, users));
  const bool is_about_settings = verb == "config" || verb.starts_with("config ");
  if (!is_about_settings && !config.faults().empty()) return config.faults().front();
  return config;
}

namespace {

Result<std::string> make_throw_away_cache(std::string& warning) {
  PKG_TRY_ASSIGN(auto parent, fs::temporary_folder(environment_variable("TMPDIR")));
  warning = std::move(parent.warning);
  auto pattern = (parent.path / "pkg-cache-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) return fs::errno_error("cannot create", pattern, errno);
  // No secret of environments is kept where it would be gone tomorrow.
  (void)fs::make_dirs(fs::Path(pattern) / venv::kStateKeyName);
  return pattern;
}

// What cannot be made or looked into is replaced by a folder that is thrown away at the end; `problem` says why then.
Result<std::filesystem::path> ready_cache(const std::filesystem::path& folder, std::string& problem,
                                          std::string& warning, bool no_other) {
  auto ready = index::prepare_cache(folder);
  if (ready) return folder;
  if (ready.error().kind != ErrorKind::io && ready.error().kind != ErrorKind::not_found) return ready.error();
  if (no_other) return folder;  // whoever has something to do there says so
  problem = cat("there is no cache, what is fetched is thrown away at the end: ", ready.error().message,
                " (name another folder with --cache-dir or PKG_CACHE_DIR; --no-cache says that none is wanted)");
  PKG_TRY_ASSIGN(auto made, make_throw_away_cache(warning));
  return std::filesystem::path(std::move(made));
}

// "auto" on the command line is what is said nowhere else.
std::string color_of(const GlobalOptions& global, const Config& config) {
  if (global.no_color) return "never";
  if (global.color != "auto") return global.color;
  if (config.flag("no-color")) return "never";
  return config.text("color").value_or(global.color);
}

// --log: what was said, and more, goes to the end of this file. nullptr: not asked for.
Result<std::unique_ptr<std::ofstream>> open_log(const std::string& path, const Invocation& invocation) {
  if (path.empty()) return std::unique_ptr<std::ofstream>();
  auto file = std::make_unique<std::ofstream>(path, std::ios::app);
  if (!*file) return fs::errno_error("cannot write", path, errno);
  *file << "# pkg " PKG_VERSION ", `" << printable(invocation.called_as) << "`, "
        << time::to_rfc3339(now_unix_seconds()) << '\n';
  return file;
}

void tell_settings(const index::Settings& settings, Reporter& reporter) {
  if (!reporter.wants_details()) return;
  for (const auto& index : settings.indexes)
    reporter.detail(cat("index ", index.name.empty() ? "" : cat(quote(index.name), " "), index.url.shown(),
                        index.is_explicit ? " (only where a source names it)" : ""));
  for (const auto& place : settings.find_links) reporter.detail(cat("find-links ", place.shown()));
  reporter.detail(cat("cache ", quote(settings.cache_dir)));
}

// "2", or true for once.
int times(const Config& config, std::string_view key) {
  const auto text = config.text(key);
  if (!text) return 0;
  const auto number = parse_u64(trim(*text));
  return number ? static_cast<int>(std::min<std::uint64_t>(*number, 3)) : config.flag(key) ? 1 : 0;
}

bool wants_bars(const GlobalOptions& global, const Config& config) {
  std::string bar = global.progress_bar;
  if (bar.empty()) take(config, "progress-bar", bar);
  return !global.no_progress && bar != "off" && !config.flag("no-progress");
}

}  // namespace

Result<CommandContext> CommandContext::make(const Invocation& invocation, const GlobalOptions& global,
                                            const IndexOptions& index, const Config& config) {
  CommandContext context;
  context.global_ = global;
  context.global_.quiet += times(config, "quiet");
  context.global_.verbose += times(config, "verbose");
  set_color(color_of(global, config));
  PKG_TRY_ASSIGN(auto settings, make_settings(index, config, now_unix_seconds()));
  std::string warning, cache_problem;
  if (uses_throw_away_cache(index)) {
    PKG_TRY_ASSIGN(context.throw_away_cache_, make_throw_away_cache(warning));
    settings.cache_dir = context.throw_away_cache_;
  } else {
    PKG_TRY_ASSIGN(const auto usable, ready_cache(settings.cache_dir, cache_problem, warning, index.is_about_cache));
    if (!cache_problem.empty()) context.throw_away_cache_ = usable;
    settings.cache_dir = usable;
  }
  PKG_TRY_ASSIGN(auto folder, working_folder());
  if (!global.project.empty()) folder = (folder / global.project).lexically_normal();
  if (!global.project.empty() && !fs::is_directory(folder)) {
    return make_error(ErrorKind::not_found, cat("no such folder: ", quote(global.project)));
  }
  const auto log = global.log.empty() ? config.text("log").value_or("") : global.log;
  PKG_TRY_ASSIGN(context.log_, open_log(log, invocation));
  const bool shows = context.says(0) && wants_bars(global, config);
  const bool is_on_terminal = is_terminal(Stream::err);
  context.reporter_ =
      std::make_unique<TerminalReporter>(ProgressOptions{.warnings = context.says(-1),
                                                         .notes = context.says(1),
                                                         .details = context.says(2),
                                                         .log = context.log_.get(),
                                                         .bars = shows && is_on_terminal && !is_dumb_terminal(),
                                                         .lines = shows && !is_on_terminal,
                                                         .json_events = global.progress == "json"});
  if (!warning.empty()) context.reporter_->warning(warning);
  tell_settings(settings, *context.reporter_);
  if (const auto note = config.ignored_note(); !note.empty()) context.reporter_->warning(note);
  if (!cache_problem.empty()) context.reporter_->warning(cache_problem);
  context.session_ = std::make_unique<ops::Session>(
      std::move(settings), std::move(folder), *context.reporter_, interruption(),
      invocation.start.edges != nullptr ? *invocation.start.edges : ops::SessionEdges{ops::make_source_builder, {}});
  return context;
}

}  // namespace pkg::cli
