#include "venv/environment.h"

#include <unistd.h>

#include <utility>

#include "base/environment_variable.h"
#include "base/fs.h"
#include "base/text.h"
#include "venv/interpreter/foreign_interpreter.h"
#include "venv/interpreter/interpreter_facts.h"
#include "venv/pyvenv_cfg.h"

namespace pkg::venv {
namespace {

namespace stdfs = std::filesystem;

// lib/<this> of an environment.
struct LibraryFolder {
  std::string implementation;  // "cpython", "pypy", "graalpy"
  int major = 0, minor = 0;
  bool gil_disabled = false;
};

std::optional<LibraryFolder> parse_library_folder(std::string_view name) {
  LibraryFolder found;
  for (const auto& [prefix, implementation] :
       {std::pair{"python", "cpython"}, {"pypy", "pypy"}, {"graalpy", "graalpy"}}) {
    if (!name.starts_with(prefix)) continue;
    found.implementation = implementation;
    name.remove_prefix(std::string_view(prefix).size());
    break;
  }
  if (found.implementation.empty()) return std::nullopt;
  if (name.ends_with('t')) {
    found.gil_disabled = true;
    name.remove_suffix(1);
  }
  const auto numbers = split(name, '.');
  if (numbers.size() != 2) return std::nullopt;
  const auto major = parse_u64(numbers[0]), minor = parse_u64(numbers[1]);
  if (!major || !minor || *major > 1000 || *minor > 1000) return std::nullopt;
  found.major = static_cast<int>(*major);
  found.minor = static_cast<int>(*minor);
  return found;
}

// "3.12.1" → 3.12; false when it is no version.
bool take_version(std::string_view text, LibraryFolder& into) {
  const auto numbers = split(text, '.');
  if (numbers.size() < 2) return false;
  const auto major = parse_u64(numbers[0]), minor = parse_u64(numbers[1]);
  if (!major || !minor || *major > 1000 || *minor > 1000) return false;
  into.major = static_cast<int>(*major);
  into.minor = static_cast<int>(*minor);
  return true;
}

Layout layout_of(const stdfs::path& prefix, const LibraryFolder& library) {
  return environment_layout(prefix, library.implementation, library.major, library.minor, library.gil_disabled);
}

// The one of lib/'s folders that is Python's; `wanted` (may be empty: "3.12") decides between several.
std::optional<LibraryFolder> look_into_lib(const stdfs::path& prefix, std::string_view wanted) {
  const auto names = fs::list_dir(prefix / "lib");
  if (!names) return std::nullopt;
  LibraryFolder version;
  const bool have_version = take_version(wanted, version);
  std::optional<LibraryFolder> found;
  for (const auto& name : *names) {
    const auto folder = parse_library_folder(name);
    if (!folder || !fs::is_directory(prefix / "lib" / name)) continue;
    if (have_version && (folder->major != version.major || folder->minor != version.minor)) continue;
    if (!found || fs::is_directory(prefix / "lib" / name / "site-packages")) found = folder;
  }
  return found;
}

// By pyvenv.cfg and one stat; by reading lib/ where that does not say enough.
std::optional<LibraryFolder> library_of(const stdfs::path& prefix, const PyvenvCfg& cfg) {
  LibraryFolder guess;
  guess.implementation = "cpython";
  if (cfg.implementation.empty() || equals_ignoring_case(cfg.implementation, "cpython")) {
    if (take_version(cfg.version, guess) && fs::is_directory(layout_of(prefix, guess).purelib)) return guess;
  }
  return look_into_lib(prefix, cfg.version);
}

std::optional<LibraryFolder> library_by_version(const PyvenvCfg& cfg) {
  LibraryFolder said;
  said.implementation = cfg.implementation.empty() ? "cpython" : to_ascii_lower(cfg.implementation);
  return take_version(cfg.version, said) ? std::optional(said) : std::nullopt;
}

Result<Environment> open_venv(const stdfs::path& prefix) {
  PKG_TRY_ASSIGN(const auto cfg, read_pyvenv_cfg(prefix));
  auto library = library_of(prefix, cfg);
  // A killed command may have left it in the trash, from where the next one that changes the environment brings it
  // back.
  if (!library && fs::exists(prefix / ".pkg" / "tx")) library = library_by_version(cfg);
  if (!library) {
    return make_error(ErrorKind::bad_data,
                      cat("the environment ", quote(prefix.native()), " has no folder lib/pythonX.Y"),
                      "make it again: pkg venv --clear");
  }
  Environment environment;
  environment.kind = EnvironmentKind::venv;
  environment.layout = layout_of(prefix, *library);
  environment.python = environment.layout.python;
  environment.python_version = cfg.version.empty() ? cat(library->major, '.', library->minor) : cfg.version;
  environment.include_system_site_packages = cfg.include_system_site_packages;
  environment.relocatable = cfg.relocatable;
  environment.made_at = cfg.location;
  return environment;
}

Result<Environment> open_conda(const stdfs::path& prefix) {
  const auto library = look_into_lib(prefix, {});
  if (!library)
    return make_error(ErrorKind::not_found,
                      cat("there is no Python in the conda environment ", quote(prefix.native())));
  Environment environment;
  environment.kind = EnvironmentKind::conda;
  environment.layout = layout_of(prefix, *library);
  environment.python = environment.layout.python;
  environment.python_version = cat(library->major, '.', library->minor);
  return environment;
}

Result<Environment> open_system(const stdfs::path& python, const stdfs::path& cache_dir) {
  PKG_TRY_ASSIGN(const auto interpreter, probe(python, cache_dir));
  Environment environment;
  environment.kind = EnvironmentKind::system;
  environment.layout = interpreter.layout;
  environment.python = interpreter.executable;
  environment.python_version = interpreter.target.environment.python_full_version;
  return environment;
}

Result<Environment> open_folder(const stdfs::path& folder, const stdfs::path& cache_dir) {
  if (fs::exists(folder / "pyvenv.cfg")) return open_venv(folder);
  if (fs::is_directory(folder / "conda-meta")) return open_conda(folder);
  for (const char* name : {"bin/python3", "bin/python", "bin/pypy3"}) {
    if (::access((folder / name).c_str(), X_OK) == 0) return open_system(folder / name, cache_dir);
  }
  return make_error(ErrorKind::not_found, cat("there is no environment in ", quote(folder.native())),
                    cat("make one: pkg venv ", folder.native()));
}

// The interpreter below `home` that an environment with copies was made from.
stdfs::path base_by_cfg(const PyvenvCfg& cfg, const LibraryFolder& library) {
  if (!cfg.executable.empty() && fs::exists(cfg.executable)) return cfg.executable;
  const stdfs::path home = cfg.home;
  const std::string_view stem =
      library.implementation == "cpython" ? "python" : std::string_view(library.implementation);
  for (const auto& name : {cat(stem, library.major, '.', library.minor), cat(stem, library.major), std::string(stem),
                           std::string("python3")}) {
    if (fs::exists(home / name)) return home / name;
  }
  return {};
}

Error base_is_gone(const Environment& environment, const std::string& where) {
  return make_error(ErrorKind::not_found,
                    cat("the interpreter of the environment ", quote(environment.layout.prefix.native()),
                        " is gone: there is none at ", quote(where)),
                    cat("make it again: pkg venv --clear ", environment.layout.prefix.native()));
}

// The interpreter a venv was made from is in no environment itself.
Result<InterpreterOrigin> origin_of(const Environment& environment) {
  InterpreterOrigin origin;
  PKG_TRY_ASSIGN(origin.cfg, read_pyvenv_cfg(environment.layout.prefix));
  std::error_code failed;
  origin.program = origin.base = stdfs::canonical(environment.python, failed);
  if (failed) {
    const auto link = stdfs::read_symlink(environment.python, failed);
    return base_is_gone(environment, failed ? environment.python.native() : link.native());
  }
  if (environment_folder_of(origin.program)) {
    LibraryFolder library;
    if (auto found = library_of(environment.layout.prefix, origin.cfg)) library = *found;
    origin.base = base_by_cfg(origin.cfg, library);
    if (origin.base.empty()) return base_is_gone(environment, origin.cfg.home);
    origin.base = stdfs::canonical(origin.base, failed);
    if (failed || environment_folder_of(origin.base)) {
      return make_error(ErrorKind::bad_data, cat("`pyvenv.cfg` of ", quote(environment.layout.prefix.native()),
                                                 " names another environment as its home"));
    }
  }
  return origin;
}

Status ask(const Environment& environment, const stdfs::path& program, const std::string& why, const Leave& leave) {
  const auto text = cat("the environment ", quote(environment.layout.prefix.native()), " leads to the interpreter ",
                        quote(program.native()), ", which ", why);
  if (leave.ask(text)) return ok_status();
  return make_error(ErrorKind::conflict, cat(text, ": it is not started"),
                    "`pkg run python -V` starts it; recreate the environment: pkg venv --clear");
}

Result<ProbedFacts> facts_with_leave(const Environment& environment, const InterpreterOrigin& origin,
                                     const stdfs::path& cache_dir, const Leave& leave) {
  if (!leave.ask) return facts_of(origin.base, cache_dir);
  auto facts = recorded_facts(origin.base, cache_dir);
  if (!facts) {
    if (const auto why = why_foreign(environment.layout.prefix, origin))
      PKG_TRY(ask(environment, origin.base, *why, leave));
    PKG_TRY_ASSIGN(facts, facts_of(origin.base, cache_dir));
  }
  PKG_TRY(check_supported(*facts, origin.base));
  if (leave.for_copies && origin.program != origin.base && !recorded_facts(origin.program, cache_dir)) {
    if (!is_same_program(origin.program, origin.base))
      PKG_TRY(ask(environment, origin.program,
                  cat("is another program than ", quote(origin.base.native()), ", of which it should be a copy"),
                  leave));
    record_facts(*facts, origin.program, cache_dir);
  }
  return std::move(*facts);
}

Result<Interpreter> interpreter_of_venv(const Environment& environment, const stdfs::path& cache_dir,
                                        const Leave& leave) {
  PKG_TRY_ASSIGN(const auto origin, origin_of(environment));
  PKG_TRY_ASSIGN(const auto facts, facts_with_leave(environment, origin, cache_dir, leave));
  LibraryFolder made_for;
  if (take_version(environment.python_version, made_for) &&
      (made_for.major != facts.version[0] || made_for.minor != facts.version[1])) {
    return make_error(
        ErrorKind::bad_data,
        cat("the environment ", quote(environment.layout.prefix.native()), " was made for Python ",
            environment.python_version, ", but its interpreter is now ", facts.environment.python_full_version),
        cat("make it again: pkg venv --clear ", environment.layout.prefix.native()));
  }
  Interpreter interpreter = interpreter_from(facts, environment.python);
  interpreter.prefix = environment.layout.prefix;
  interpreter.layout = environment.layout;
  interpreter.externally_managed.reset();
  std::vector<stdfs::path> folders{environment.layout.purelib};
  if (environment.include_system_site_packages)
    folders.insert(folders.end(), interpreter.site_folders.begin(), interpreter.site_folders.end());
  interpreter.site_folders = std::move(folders);
  return interpreter;
}

}  // namespace

stdfs::path Environment::state_dir() const { return layout.prefix / ".pkg"; }

Result<Environment> open_environment(const stdfs::path& folder_or_python, const stdfs::path& cache_dir) {
  std::error_code failed;
  stdfs::path path = stdfs::absolute(folder_or_python, failed).lexically_normal();
  if (!path.has_filename()) path = path.parent_path();  // "x/" → "x"
  if (fs::is_directory(path)) return open_folder(path, cache_dir);
  if (const auto folder = environment_folder_of(path)) return open_venv(*folder);
  if (fs::is_directory(path.parent_path().parent_path() / "conda-meta"))
    return open_conda(path.parent_path().parent_path());
  if (!fs::exists(path))
    return make_error(ErrorKind::not_found, cat("there is no environment or interpreter at ", quote(path.native())));
  return open_system(path, cache_dir);
}

Result<Interpreter> interpreter_of(const Environment& environment, const stdfs::path& cache_dir, const Leave& leave) {
  if (environment.kind == EnvironmentKind::venv) return interpreter_of_venv(environment, cache_dir, leave);
  return probe(environment.python, cache_dir);
}

bool is_doubtful(const Environment& environment, const stdfs::path& cache_dir) {
  if (environment.kind != EnvironmentKind::venv || recorded_facts(environment.python, cache_dir)) return false;
  const auto origin = origin_of(environment);
  return origin && (origin->program != origin->base || why_foreign(environment.layout.prefix, *origin));
}

}  // namespace pkg::venv
