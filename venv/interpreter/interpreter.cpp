#include "venv/interpreter/interpreter.h"

#include <sys/utsname.h>

#include <utility>

#include "base/environment_variable.h"
#include "base/fs.h"
#include "base/text.h"
#include "venv/environment.h"
#include "venv/interpreter/interpreter_facts.h"
#include "venv/interpreter/pyenv.h"
#include "venv/pyvenv_cfg.h"

namespace pkg::venv {
namespace {

Layout layout_from(const SchemePaths& paths, const std::filesystem::path& executable) {
  Layout layout;
  layout.prefix = layout.data = paths.data;
  layout.purelib = paths.purelib;
  layout.platlib = paths.platlib;
  layout.scripts = paths.scripts;
  layout.headers = paths.include;
  layout.python = executable;
  return layout;
}

std::string user_base() {
  if (const char* base = environment_variable("PYTHONUSERBASE")) return base;
  if (const char* home = environment_variable("HOME")) return cat(home, "/.local");
  return "~/.local";
}

SchemePaths user_scheme(SchemePaths paths) {
  const std::string base = user_base();
  for (std::string* path : {&paths.purelib, &paths.platlib, &paths.scripts, &paths.data, &paths.include}) {
    if (path->starts_with('~')) path->replace(0, 1, base);
  }
  return paths;
}

pep::PlatformFacts::Os os_of(std::string_view platform_system) {
  using Os = pep::PlatformFacts::Os;
  if (platform_system == "Linux") return Os::linux_;
  if (platform_system == "Darwin") return Os::macos;
  return platform_system == "Windows" ? Os::windows : Os::other;
}

pep::PlatformFacts platform_facts(const ProbedFacts& probed) {
  pep::PlatformFacts facts;
  facts.os = os_of(probed.environment.platform_system);
  facts.machine = probed.environment.platform_machine;
  facts.is_32bit = probed.is_32bit;
  facts.glibc_major = probed.glibc[0];
  facts.glibc_minor = probed.glibc[1];
  facts.musl_major = probed.musl[0];
  facts.musl_minor = probed.musl[1];
  facts.armhf = probed.armhf;
  facts.platform_string = probed.platform_string;
  return facts;
}

pep::InterpreterFacts interpreter_facts(const ProbedFacts& probed) {
  pep::InterpreterFacts facts;
  facts.implementation = probed.environment.implementation_name;
  facts.version = {probed.version[0], probed.version[1]};
  facts.gil_disabled = probed.gil_disabled;
  facts.debug = probed.debug;
  pep::AbiFacts abi;
  abi.implementation = facts.implementation;
  abi.version = facts.version;
  abi.ext_suffix = probed.ext_suffix;
  abi.gil_disabled = probed.gil_disabled;
  abi.debug = probed.debug;
  abi.pymalloc = probed.pymalloc;
  facts.abis = pep::interpreter_abis(abi);
  return facts;
}

// ".cpython-312-x86_64-linux-gnu.so" → "cpython-312-x86_64-linux-gnu"
std::string soabi_of(std::string_view ext_suffix) {
  const std::size_t end = ext_suffix.rfind('.');
  return end == 0 || end == std::string_view::npos ? std::string() : std::string(ext_suffix.substr(1, end - 1));
}

// What a pyenv shim would run.
std::filesystem::path behind_shim(const std::filesystem::path& path) {
  const auto pyenv = Pyenv::find();
  if (!pyenv || !pyenv->is_shim_folder(path.parent_path())) return path;
  std::error_code ignored;
  return pyenv->resolve(path.filename().native(), std::filesystem::current_path(ignored)).value_or(path);
}

}  // namespace

Interpreter interpreter_from(const ProbedFacts& facts, const std::filesystem::path& executable) {
  Interpreter interpreter;
  interpreter.executable = executable;
  interpreter.real_executable = facts.base_executable;
  interpreter.prefix = facts.prefix;
  interpreter.base_prefix = facts.base_prefix;
  interpreter.facts = interpreter_facts(facts);
  interpreter.platform = platform_facts(facts);
  interpreter.layout = layout_from(facts.paths, executable);
  interpreter.user_layout = layout_from(user_scheme(facts.user_paths), executable);
  interpreter.site_folders.assign(facts.site_folders.begin(), facts.site_folders.end());
  interpreter.stdlib = facts.stdlib;
  interpreter.soabi = soabi_of(facts.ext_suffix);
  interpreter.platlibdir = facts.platlibdir;
  if (auto mark = std::filesystem::path(facts.stdlib) / "EXTERNALLY-MANAGED"; fs::exists(mark))
    interpreter.externally_managed = std::move(mark);

  pep::Target& target = interpreter.target;
  target.environment = facts.environment;
  struct utsname kernel {};
  if (::uname(&kernel) == 0) {
    target.environment.platform_release = kernel.release;
    target.environment.platform_version = kernel.version;
  }
  target.python = pep::Version::try_parse(facts.environment.python_full_version).value_or(pep::Version());
  target.tags = std::make_shared<const pep::TagSet>(interpreter.facts, pep::platform_tags(interpreter.platform));
  return interpreter;
}

Result<Interpreter> probe(const std::filesystem::path& executable, const std::filesystem::path& cache_dir,
                          const Leave& leave) {
  std::error_code failed;
  auto path = std::filesystem::absolute(executable, failed).lexically_normal();
  if (path.parent_path().filename() == "shims") path = behind_shim(path);
  if (const auto folder = environment_folder_of(path)) {
    PKG_TRY_ASSIGN(const auto environment, open_environment(*folder, cache_dir));
    PKG_TRY_ASSIGN(auto interpreter, interpreter_of(environment, cache_dir, leave));
    interpreter.executable = path;
    return interpreter;
  }
  PKG_TRY_ASSIGN(const auto facts, facts_of(path, cache_dir));
  return interpreter_from(facts, path);
}

}  // namespace pkg::venv
