// Three ways, the first that leads somewhere:
//
//   an installed tool   its receipt says that it is what is asked for; nothing else is looked at
//   a former run        the record of the same request (run_record.h) names an environment that looks as it was left
//   a new run           resolve, find or make the environment of that resolution, record it
//
// The second neither opens an index nor starts Python: it costs reading a receipt's absence, the record, pyvenv.cfg and
// a few stats. An environment that does not look as it was left (a module at its top was compiled, somebody changed
// something) is first made to hold its own lock again, which needs no resolution either. What comes from a folder of
// this machine is not recorded: it may be other files the next time.
//
// Which version a former run took stays, as with a lock, until `@latest`, --refresh or --upgrade, or until the cache is
// pruned. Where a package came from is asked about once (known_tools.h): before anything is fetched, and before
// anything of it is built, because a build is its code.

#include "ops/tools/run_tool.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <utility>

#include "base/environment_variable.h"
#include "base/fs.h"
#include "base/text.h"
#include "base/url.h"
#include "ops/environment/environment_state.h"
#include "ops/environment/kept_environment.h"
#include "ops/environment/python_wish.h"
#include "ops/tools/installed_tools.h"
#include "ops/tools/known_tools.h"
#include "ops/tools/run_record.h"
#include "ops/tools/tool_programs.h"
#include "ops/tools/tool_resolution.h"
#include "ops/tools/tool_words.h"

namespace pkg::ops {
namespace {

namespace stdfs = std::filesystem;

bool is_executable(const stdfs::path& path) { return !fs::is_directory(path) && ::access(path.c_str(), X_OK) == 0; }

// What is asked for, before anything is looked at.
struct Request {
  std::string word;     // what has the program, as settled_word() takes it
  std::string program;  // empty: the one that is called as its package
  bool is_latest = false;
};

Result<Request> request_of(const RunToolOptions& options) {
  if (options.command.empty() || options.command.front().empty())
    return make_error(ErrorKind::usage, "no tool was named", "pkg tool run cowsay -- -t hello");
  const auto& first = options.command.front();
  const auto word = tool_word(first);
  if (!options.from.empty()) {
    if (!is_program_name(first) || word.requirement != first || word.is_latest)
      return make_error(ErrorKind::usage, cat(quote(first), " is no name of a program, and --from says where it is"),
                        "the version belongs to --from: --from 'NAME==VERSION'");
    const auto from = tool_word(options.from);
    return Request{from.requirement, first, from.is_latest};
  }
  // `black` is called so; of `black[d]>=24`, a path or a URL the package says it.
  const bool is_name = pep::is_valid_name(word.requirement);
  const auto name = first.substr(0, first.find('@'));
  return Request{word.requirement,
                 is_name                    ? word.requirement
                 : pep::is_valid_name(name) ? name
                                            : std::string(),
                 word.is_latest};
}

// ---- what is run

process::ForegroundCommand command_for(const stdfs::path& program, const stdfs::path& scripts,
                                       const RunToolOptions& options) {
  process::ForegroundCommand command;
  command.program = program;
  command.argv = options.command;
  command.argv.front() = program.string();
  const char* path = environment_variable("PATH");
  command.variables = {{"PATH", cat(scripts.native(), ":", path == nullptr ? "/usr/local/bin:/usr/bin:/bin" : path)},
                       {"PYTHONHOME", std::nullopt}};
  return command;
}

// ---- an installed tool

bool has_extras(const pep::Requirement& have, const pep::Requirement& want) {
  return std::ranges::includes(have.extras, want.extras);
}

bool meets(const pep::Requirement& want, const ToolReceipt& receipt, std::span<const venv::InstalledDist> installed) {
  if (want.name == receipt.name) {
    const auto& have = receipt.wishes.requirement;
    if (!has_extras(have, want)) return false;
    return want.url.empty() ? want.specifiers.contains(receipt.version) : want.url == have.url;
  }
  const auto dist = std::ranges::find(installed, want.name, &venv::InstalledDist::name);
  return dist != installed.end() && want.url.empty() && want.extras.empty() && want.specifiers.contains(dist->version);
}

std::optional<process::ForegroundCommand> installed_command(const Request& request, const RunToolOptions& options,
                                                            Session& session) {
  if (options.isolated || options.renew || request.is_latest) return std::nullopt;
  const auto want = pep::Requirement::parse(request.word);  // paths and URLs without a name are no requirements
  if (!want) return std::nullopt;
  const auto places = tool_places();
  if (!places) return std::nullopt;
  const auto folder = tool_environment(*places, want->name);
  if (!folder) return std::nullopt;
  const auto receipt = read_receipt(*folder);
  if (!receipt || receipt->name != want->name) return std::nullopt;
  const auto wanted = request.program.empty() ? want->name.str() : request.program;
  const auto program = std::ranges::find(receipt->programs, wanted, &ToolProgram::name);
  if (program == receipt->programs.end() || !meets(*want, *receipt, {})) return std::nullopt;
  if (!options.with.empty() || !options.python.empty()) {
    const auto environment = venv::open_environment(*folder, session.cache_dir());
    if (!environment) return std::nullopt;
    const auto installed = venv::installed(*environment);
    if (!installed) return std::nullopt;
    for (const auto& word : options.with) {
      const auto more = pep::Requirement::parse(tool_word(word).requirement);
      if (!more || !meets(*more, *receipt, *installed)) return std::nullopt;
    }
    if (!options.python.empty()) {
      const auto wish = python_wish(options.python, places->home, places->home, session);
      const auto unfit = wish ? why_unfit(*environment, *wish, {}, session) : Result<std::string>(wish.error());
      if (!unfit || !unfit->empty()) return std::nullopt;
    }
  }
  const auto scripts = places->tool(want->name) / "bin";
  if (!is_executable(scripts / wanted)) return std::nullopt;
  return command_for(scripts / wanted, scripts, options);
}

// ---- a former run

// Everything that the words say, as one text.
std::string request_text(const Request& request, const RunToolOptions& options, const Session& session) {
  std::vector<std::string> with = options.with;
  std::ranges::sort(with);
  auto text =
      cat(request.word, '\0', request.program, '\0', options.python, '\0', join(with, std::string_view("\0", 1)));
  const auto is_local = [](const std::string& word) {
    return word.find('/') != std::string::npos || word.starts_with('.');
  };
  if (is_local(request.word) || is_local(options.python) || std::ranges::any_of(with, is_local))
    append(text, '\0', session.working_folder().native());  // what relative paths mean
  return text;
}

struct Found {
  venv::Environment environment;
  pep::Name package;
  std::optional<InstallReport> install;
};

// The environment of a former run, when it holds what it was left with, or can be made to.
std::optional<Found> recorded(const std::string& digest, const RunToolOptions& options, Session& session) {
  const auto record = read_run(digest, session);
  if (!record) return std::nullopt;
  auto environment = kept_environment_called(record->environment, session);
  if (!environment || !*environment) return std::nullopt;
  if (const auto state = unchanged_since(**environment, session.state_key());
      state && state->lock == (*environment)->layout.prefix / kToolLock)
    return Found{std::move(**environment), record->package, std::nullopt};
  auto restored = restore_environment(**environment, options.apply, session);
  if (!restored) return std::nullopt;
  return Found{std::move(**environment), record->package, std::move(restored).value()};
}

// ---- a new run

// Asks before anything of an unknown tool is built. Where it has to be, the resolution is given up with a mark, and
// begun again when the answer is yes: nobody is asked from the middle of a resolution.
class Approval {
 public:
  Approval(const RunToolOptions& options, Session& session) : options_(options), session_(session) {
    state_->is_given = !options.approve;
  }

  bool has_build() const { return state_->has_build; }

  // For this session, and those made of it, which may live longer than this.
  void prepare_builds(const venv::Interpreter& interpreter) {
    session_.make_builds_later([state = state_, interpreter](Session& own) -> Status {
      if (!state->is_given) {
        state->has_build = true;
        return make_error(ErrorKind::unsupported, "it is not known yet whether this may be built");
      }
      own.make_builds(interpreter, nullptr);
      return ok_status();
    });
  }

  // Of what lies on this machine nothing is fetched. interrupted: it is not wanted.
  Status ask(const ToolOrigin& origin) {
    const bool is_here =
        origin.from.starts_with("file:") || origin.from.starts_with('/') || origin.from.starts_with('.');
    state_->is_given = state_->is_given || is_here || is_known_tool(session_.state_dir(), origin.name, origin.from);
    if (state_->is_given) return ok_status();
    PKG_TRY_ASSIGN(const bool is_wanted, options_.approve(origin));
    state_->is_given = is_wanted;
    if (state_->is_given) return ok_status();
    return make_error(ErrorKind::interrupted, cat(quote(origin.name.str()), " was not fetched"));
  }

 private:
  struct State {
    std::atomic<bool> is_given = false, has_build = false;
  };
  const RunToolOptions& options_;
  Session& session_;
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

std::string first_index(const Session& session) {
  const auto& indexes = session.settings().indexes;
  return indexes.empty() ? std::string("find-links") : index::label_of(indexes.front());
}

// Where the tool would be looked for, before anything is known of it.
ToolOrigin origin_before(const std::string& word, Session& session) {
  const auto requirement = pep::Requirement::parse(word);
  ToolOrigin origin;
  origin.from = requirement && requirement->url.empty() ? first_index(session)
                                                        : url::redact(requirement ? requirement->url : word);
  if (requirement)
    origin.name = requirement->name;
  else if (auto name = pep::Name::parse(stdfs::path(word).stem().string()))
    origin.name = std::move(name).value();
  return origin;
}

struct Resolved {
  ToolWishes wishes;
  ToolResolution resolution;
};

Result<Resolved> resolve_once(const Request& request, const RunToolOptions& options,
                              const venv::Interpreter& interpreter, Session& session) {
  Resolved resolved;
  auto& wishes = resolved.wishes;
  PKG_TRY_ASSIGN(wishes.requirement, settled_word(request.word, false, session));
  PKG_TRY_ASSIGN(wishes.with, settled_words(options.with, session));
  auto resolve = options.resolve;
  if (request.is_latest) resolve.upgrade = true;
  if (resolve.upgrade) resolve.upgrade_strategy = UpgradeStrategy::eager;
  PKG_TRY_ASSIGN(resolved.resolution, resolve_tool(wishes, resolve, {}, interpreter, session));
  return resolved;
}

Result<Resolved> resolve(const Request& request, const RunToolOptions& options, const venv::Interpreter& interpreter,
                         Session& session) {
  Approval approval(options, session);
  approval.prepare_builds(interpreter);
  auto resolved = resolve_once(request, options, interpreter, session);
  if (approval.has_build()) {
    PKG_TRY(approval.ask(origin_before(request.word, session)));
    approval.prepare_builds(interpreter);
    resolved = resolve_once(request, options, interpreter, session);
  }
  if (!resolved) return resolved;
  const auto& name = resolved->wishes.requirement.name;
  const auto* pin = resolved->resolution.pin_of(name);
  if (pin == nullptr)
    return make_error(ErrorKind::conflict, cat(quote(name.str()), " is not for this Python: its marker leaves it out"));
  const ToolOrigin origin{name, pin->version.to_string(), tool_origin(*pin), resolved->resolution.packages};
  PKG_TRY(approval.ask(origin));
  remember_tool(session.state_dir(), origin.name, origin.from);
  return resolved;
}

// The environment of the resolution, which others with the same resolution share.
Result<Found> environment_of(Resolved& resolved, const RunToolOptions& options, const venv::Interpreter& interpreter) {
  auto& resolution = resolved.resolution;
  auto& session = *resolution.solved.session;
  const auto& name = resolved.wishes.requirement.name;
  PKG_TRY_ASSIGN(auto environment,
                 kept_environment(name.str(), cat("tool", '\0', resolution.key), interpreter, session));
  const auto& folder = environment.layout.prefix;
  if (const auto state = unchanged_since(environment, session.state_key());
      state && state->lock == folder / kToolLock && !resolution.has_local_tree)
    return Found{std::move(environment), name, std::nullopt};
  PKG_TRY_ASSIGN(const auto lock, tool_lock(resolution, folder));
  PKG_TRY_ASSIGN(auto report, fill_environment(environment, lock, options.apply, session));
  return Found{std::move(environment), name, std::move(report)};
}

// ---- which program

std::string option_for(const pep::Name& package, const std::string& program) {
  return cat("pkg tool run --from ", package.str(), " ", program);
}

// The packages that were named have no such program. What they have, and who among the others has it.
Error no_such_program(const std::string& program, const pep::Name& package,
                      std::span<const venv::InstalledDist> installed, const venv::Environment& environment) {
  const auto own = programs_of(package, installed, environment);
  const auto names = own ? *own : std::vector<std::string>();
  auto error =
      make_error(ErrorKind::not_found, cat("the package ", quote(package.str()), " has no program ", quote(program)));
  if (!names.empty()) error.context.push_back(cat("it has: ", join(names, ", ")));
  const auto others = packages_with(program, installed, environment);
  if (!others.empty()) {
    error.context.push_back(cat(quote(others.front().str()), ", which it needs, has it"));
    error.hint = option_for(others.front(), program);
  } else if (!names.empty()) {
    error.hint = option_for(package, nearest(program, names).value_or(names.front()));
  } else {
    error.hint = "a library is no tool; --from names the package that has the program";
  }
  return error;
}

Result<std::optional<Error>> check_program(const std::string& program, const ToolWishes& wishes,
                                           const venv::Environment& environment) {
  PKG_TRY_ASSIGN(const auto installed, venv::installed(environment));
  std::vector<pep::Name> named{wishes.requirement.name};
  for (const auto& requirement : wishes.with) named.push_back(requirement.name);
  for (const auto& package : named) {
    PKG_TRY_ASSIGN(const auto names, programs_of(package, installed, environment));
    if (std::ranges::binary_search(names, program)) return std::optional<Error>();
  }
  return std::optional(no_such_program(program, wishes.requirement.name, installed, environment));
}

}  // namespace

Result<ToolRun> plan_tool_run(const RunToolOptions& options, Session& session) {
  PKG_TRY_ASSIGN(const auto request, request_of(options));
  ToolRun run;
  if (auto command = installed_command(request, options, session)) {
    run.command = std::move(*command);
    return run;
  }
  const auto digest = run_digest(request_text(request, options, session), options.resolve, session);
  const bool may_be_recorded = !options.renew && !request.is_latest;
  if (may_be_recorded) {
    if (auto found = recorded(digest, options, session)) {
      const auto program = request.program.empty() ? found->package.str() : request.program;
      const auto& scripts = found->environment.layout.scripts;
      if (is_executable(scripts / program)) {
        run.command = command_for(scripts / program, scripts, options);
        run.install = std::move(found->install);
        return run;
      }
    }
  }
  PKG_TRY_ASSIGN(const auto places, tool_places());
  PKG_TRY_ASSIGN(const auto interpreter, tool_interpreter(options.python, places, session));
  PKG_TRY_ASSIGN(auto resolved, resolve(request, options, interpreter, session));
  PKG_TRY_ASSIGN(auto found, environment_of(resolved, options, interpreter));
  run.warnings = std::move(resolved.resolution.solved.warnings);
  run.install = std::move(found.install);
  const auto& package = resolved.wishes.requirement.name;
  const auto program = request.program.empty() ? package.str() : request.program;
  PKG_TRY_ASSIGN(run.no_program, check_program(program, resolved.wishes, found.environment));
  if (run.no_program) return run;
  const auto& scripts = found.environment.layout.scripts;
  run.command = command_for(scripts / program, scripts, options);
  if (resolved.resolution.has_local_tree)
    forget_run(digest, session);
  else
    write_run(digest, {found.environment.layout.prefix.filename().string(), package}, session);
  return run;
}

}  // namespace pkg::ops
