#include "ops/environment/environment_choice.h"

#include <algorithm>
#include <cstdlib>
#include <utility>
#include <vector>

#include "base/fs.h"
#include "base/limits.h"
#include "base/text.h"
#include "ops/environment/environment_interpreter.h"
#include "ops/environment/project_environment.h"
#include "ops/pythons/pythons.h"
#include "venv/create.h"
#include "venv/discovery.h"
#include "venv/transaction/transaction.h"

namespace pkg::ops {
namespace {

namespace stdfs = std::filesystem;

bool looks_like_path(const std::string& word) { return word.find('/') != std::string::npos || fs::exists(word); }

stdfs::path absolute(const Session& session, const std::string& path) {
  return (session.working_folder() / path).lexically_normal();
}

// The interpreter that an environment without its own one (--target, --prefix) is for.
Result<venv::Interpreter> interpreter_for(const EnvironmentOptions& options, const venv::Leave& leave,
                                          Session& session) {
  if (!options.python.empty()) {
    const auto path = absolute(session, options.python);
    if (looks_like_path(options.python) && fs::is_directory(path)) {
      PKG_TRY_ASSIGN(const auto environment, venv::open_environment(path, session.cache_dir()));
      return venv::interpreter_of(environment, session.cache_dir(), leave);
    }
    return find_or_install_python(options.python, leave, session, false);
  }
  const auto found = venv::discover_environment(session.working_folder()).folder;
  if (found && !options.system) {
    PKG_TRY_ASSIGN(const auto environment, venv::open_environment(*found, session.cache_dir()));
    return venv::interpreter_of(environment, session.cache_dir(), leave);
  }
  PKG_TRY_ASSIGN(auto first, venv::find_interpreter({}, session.cache_dir(), leave));
  // In an active environment the first Python of PATH is that one's.
  if (options.system && first.is_virtual()) return venv::probe(first.real_executable, session.cache_dir(), leave);
  return first;
}

stdfs::path below(const std::string& root, const stdfs::path& path) {
  return root.empty() ? path : stdfs::path(root) / path.relative_path();
}

// Where pip has them: as for a home (sysconfig's "posix_home"), or as in the environment pip runs in.
stdfs::path headers_below_target(const venv::Interpreter& interpreter) {
  if (!interpreter.is_virtual()) return "include/python";
  const auto& version = interpreter.facts.version;
  return cat("include/site/python", version.at(0), ".", version.at(1));
}

// One place at a time.
Status check_places(const EnvironmentOptions& options) {
  std::vector<std::string> places;
  if (!options.target.empty()) places.emplace_back("--target");
  if (!options.prefix.empty()) places.emplace_back("--prefix");
  if (options.user) places.emplace_back("--user");
  if (places.size() < 2) return ok_status();
  return make_error(ErrorKind::usage, cat(join(places, " and "), " are different places to install to"),
                    "name one of them");
}

// Is anything below ~/.local seen by this Python?
Status check_user_site(const venv::Interpreter& interpreter, Session& session) {
  const char* off = std::getenv("PYTHONNOUSERSITE");
  if (off != nullptr && *off != '\0')
    return make_error(ErrorKind::conflict, "packages of the user are switched off for Python: PYTHONNOUSERSITE is set");
  if (!interpreter.is_virtual()) return ok_status();
  PKG_TRY_ASSIGN(const auto environment, venv::open_environment(interpreter.prefix, session.cache_dir()));
  if (environment.include_system_site_packages) return ok_status();
  return make_error(
      ErrorKind::conflict,
      cat("the environment ", quote(interpreter.prefix.native()), " does not see packages of the user (--user)"),
      "name the interpreter itself with --python, or leave --user out");
}

Result<venv::Environment> folder_environment(const EnvironmentOptions& options, const venv::Leave& leave,
                                             Session& session) {
  PKG_TRY(check_places(options));
  PKG_TRY_ASSIGN(const auto interpreter, interpreter_for(options, leave, session));
  venv::Environment environment;
  environment.python = interpreter.executable;
  environment.python_version = interpreter.target.environment.python_full_version;
  venv::Layout& layout = environment.layout;
  if (!options.target.empty()) {
    const auto folder = absolute(session, options.target);
    environment.kind = venv::EnvironmentKind::target;
    layout.prefix = layout.purelib = layout.platlib = layout.data = folder;
    layout.scripts = folder / "bin";
    layout.headers = folder / headers_below_target(interpreter);
  } else if (!options.prefix.empty()) {
    environment.kind = venv::EnvironmentKind::prefix;
    const auto& version = interpreter.facts.version;
    layout = venv::environment_layout(absolute(session, options.prefix), interpreter.facts.implementation,
                                      version.at(0), version.at(1), interpreter.facts.gil_disabled);
    if (!interpreter.is_virtual()) layout.headers = layout.prefix / "include" / interpreter.layout.headers.filename();
  } else {
    if (options.user) PKG_TRY(check_user_site(interpreter, session));
    environment.kind = venv::EnvironmentKind::system;
    layout = options.user ? interpreter.user_layout : interpreter.layout;
  }
  for (auto* path :
       {&layout.prefix, &layout.purelib, &layout.platlib, &layout.scripts, &layout.data, &layout.headers}) {
    *path = below(options.root.empty() ? options.root : absolute(session, options.root).string(), *path);
  }
  layout.python = interpreter.executable;
  return environment;
}

Result<ChosenEnvironment> make_default_venv(const EnvironmentOptions& options, const ProjectHome& home, Access access,
                                            Session& session) {
  auto own = options;
  own.active = false;
  PKG_TRY_ASSIGN(const auto found, look_at_project_environment(own, home.place, session));
  return settle_project_environment(found, home.requires_python, access, session);
}

Error none_found(const std::vector<std::string>& looked_at) {
  return make_error(ErrorKind::not_found, cat("found no environment: looked at ", join(looked_at, ", ")),
                    "make one with `pkg venv`, or name one with --python");
}

venv::Discovery discover_with_warnings(Session& session) {
  auto discovery = venv::discover_environment(session.working_folder());
  warn_of_gone(discovery.gone, session);
  return discovery;
}

Result<ChosenEnvironment> discover(const EnvironmentOptions& options, WhenMissing when_missing, Access access,
                                   Session& session) {
  const auto discovery = discover_with_warnings(session);
  if (discovery.folder) {
    PKG_TRY_ASSIGN(auto environment, venv::open_environment(*discovery.folder, session.cache_dir()));
    return ChosenEnvironment{.environment = std::move(environment), .found = !discovery.active};
  }
  // Where the project says that its environment is elsewhere.
  const auto home = project_home(session);
  if (auto own = present_project_environment(home.place, session))
    return ChosenEnvironment{.environment = std::move(*own), .found = true};
  if (options.require_virtualenv || when_missing == WhenMissing::fail) return none_found(discovery.looked_at);
  return make_default_venv(options, home, access, session);
}

// An interpreter's own packages are changed where --system or the path of that interpreter asks for it.
Error bare_interpreter(const venv::Interpreter& wanted, const std::optional<venv::Environment>& other,
                       const EnvironmentOptions& options) {
  const auto& executable = wanted.executable.native();
  const auto& version = wanted.target.environment.python_full_version;
  if (!other) {
    return make_error(ErrorKind::conflict,
                      cat("--python ", options.python, " is the interpreter ", quote(executable), " (Python ", version,
                          "), which is no virtual environment"),
                      "its own packages are changed with --system; `pkg venv` makes an environment");
  }
  return make_error(ErrorKind::conflict,
                    cat("the environment ", quote(other->layout.prefix.native()), " has Python ", other->python_version,
                        ", and --python asks for ", quote(options.python)),
                    cat("make it again: pkg venv --clear --python ", options.python,
                        "; --system changes the packages of ", quote(executable), " itself"));
}

// --python VERSION: the discovered environment when it has that version; else a new .venv where one may be made.
// Those who only look may look into an interpreter.
Result<ChosenEnvironment> by_version(const EnvironmentOptions& options, WhenMissing when_missing, Access access,
                                     const venv::Leave& leave, Session& session) {
  const auto found = discover_with_warnings(session).folder;
  const bool may_install = access == Access::write && when_missing == WhenMissing::make_venv;
  PKG_TRY_ASSIGN(const auto wanted, find_or_install_python(options.python, leave, session, may_install));
  std::optional<venv::Environment> other;
  if (found) {
    PKG_TRY_ASSIGN(other, venv::open_environment(*found, session.cache_dir()));
    PKG_TRY_ASSIGN(const auto actual, venv::interpreter_of(*other, session.cache_dir(), leave));
    if (actual.facts.implementation == wanted.facts.implementation && actual.target.python == wanted.target.python)
      return ChosenEnvironment{.environment = std::move(*other)};
  } else if (when_missing == WhenMissing::make_venv) {
    return make_default_venv(options, project_home(session), access, session);
  }
  if (access != Access::read) return bare_interpreter(wanted, other, options);
  PKG_TRY_ASSIGN(auto environment, venv::open_environment(wanted.executable, session.cache_dir()));
  environment.kind = venv::EnvironmentKind::system;
  return ChosenEnvironment{.environment = std::move(environment)};
}

Result<ChosenEnvironment> by_path(const stdfs::path& path, Session& session) {
  PKG_TRY_ASSIGN(auto environment, venv::open_environment(path, session.cache_dir()));
  return ChosenEnvironment{.environment = std::move(environment)};
}

Result<ChosenEnvironment> choose(const EnvironmentOptions& options, WhenMissing when_missing, Access access,
                                 Session& session) {
  const bool only_looks = access == Access::read && when_missing == WhenMissing::fail;
  const auto leave = only_looks ? no_leave() : leave_with_warning(session);
  if (!options.folder.empty()) return by_path(options.folder, session);
  if (options.names_place()) {
    PKG_TRY_ASSIGN(auto environment, folder_environment(options, leave, session));
    return ChosenEnvironment{.environment = std::move(environment)};
  }
  if (options.python.empty()) return discover(options, when_missing, access, session);
  if (looks_like_path(options.python)) return by_path(absolute(session, options.python), session);
  return by_version(options, when_missing, access, leave, session);
}

// PEP 668: refuse to change an interpreter that its distributor manages, in the distributor's own words.
Status respect_external_management(const venv::Environment& environment, const EnvironmentOptions& options,
                                   Session& session) {
  if (environment.kind != venv::EnvironmentKind::system || options.break_system_packages || !options.root.empty())
    return ok_status();
  PKG_TRY_ASSIGN(const auto interpreter, venv::interpreter_of(environment, session.cache_dir()));
  if (interpreter.is_virtual() || !interpreter.externally_managed) return ok_status();
  Error error = make_error(ErrorKind::conflict,
                           cat("the interpreter ", quote(environment.python.string()), " is externally managed"),
                           "make an environment with `pkg venv`, or override with --break-system-packages");
  if (const auto text = fs::read_file_at_most(*interpreter.externally_managed, limits::kSmall)) {
    bool in_error = false;
    for (const auto line : split_lines(*text)) {
      if (line.starts_with("Error="))
        in_error = true;
      else if (!line.starts_with(' ') && !line.starts_with('\t') && !trim(line).empty())
        in_error = false;
      if (in_error) error.context.emplace_back(trim(line.starts_with("Error=") ? line.substr(6) : line));
    }
  }
  return error;
}

}  // namespace

Result<ChosenEnvironment> choose_environment(const EnvironmentOptions& options, WhenMissing when_missing, Access access,
                                             Session& session) {
  PKG_TRY_ASSIGN(auto chosen, choose(options, when_missing, access, session));
  if (options.require_virtualenv && chosen.environment.kind != venv::EnvironmentKind::venv) {
    return make_error(ErrorKind::usage, "an environment is required, and this is none (require-virtualenv is set)");
  }
  if (access == Access::write) PKG_TRY(respect_external_management(chosen.environment, options, session));
  if (access == Access::write && chosen.found) warn_of_owner(chosen.environment, session);
  PKG_TRY(settle_interrupted(chosen.environment, access, session));
  if (session.reporter().wants_details())
    session.reporter().detail(cat("environment ", quote(chosen.environment.layout.prefix.native()), ", Python ",
                                  quote(chosen.environment.python.native())));
  return chosen;
}

Result<venv::Interpreter> interpreter_of(const ChosenEnvironment& chosen, Session& session) {
  if (chosen.would_be) return *chosen.would_be;
  return interpreter_to_use(chosen.environment, session);
}

Status settle_interrupted(const venv::Environment& environment, Access access, Session& session) {
  if (access == Access::write) {
    PKG_TRY_ASSIGN(const bool recovered, venv::recover(environment, session.state_key()));
    if (recovered) session.reporter().note("an interrupted change of this environment was undone or finished");
  } else if (venv::is_interrupted(environment)) {
    session.reporter().warning(cat("an interrupted change of ", quote(environment.layout.prefix.native()),
                                   " waits: the next `pkg install`, `uninstall` or `sync` will finish or undo it"));
  }
  return ok_status();
}

Status wait_for_others(const venv::Environment& environment, Session& session) {
  return settle_interrupted(environment, Access::write, session);
}

}  // namespace pkg::ops
