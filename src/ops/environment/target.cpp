#include "ops/environment/target.h"

#include <memory>
#include <optional>
#include <utility>

#include "base/fs.h"
#include "base/text.h"
#include "ops/environment/environment_interpreter.h"
#include "ops/environment/target_platform.h"
#include "pep/tags.h"
#include "venv/discovery.h"
#include "venv/environment.h"

namespace pkg::ops {
namespace {

// The folder of the environment that --python names, or that is found without it.
std::optional<std::filesystem::path> environment_for(const std::string& python, Session& session) {
  if (python.empty()) return venv::discover_environment(session.working_folder()).folder;
  auto path = session.working_folder() / python;
  return python.find('/') != std::string::npos && fs::is_directory(path) ? std::optional(std::move(path))
                                                                         : std::nullopt;
}

// interpreter_for, for those who only look.
Result<venv::Interpreter> interpreter_to_ask_for(const std::string& python, Session& session) {
  const auto folder = environment_for(python, session);
  if (!folder) return venv::find_interpreter(python, session.cache_dir(), no_leave());
  PKG_TRY_ASSIGN(const auto environment, venv::open_environment(*folder, session.cache_dir()));
  return interpreter_to_ask(environment, session);
}

// The answer, or an absent interpreter where that is enough.
Result<venv::Interpreter> or_absent(Result<venv::Interpreter> found, const std::string& python, bool is_described) {
  const bool is_none_there = !found && python.empty() && found.error().kind == ErrorKind::not_found;
  return is_none_there && is_described ? Result<venv::Interpreter>(absent_interpreter()) : std::move(found);
}

// What is known of the interpreter, as it would be with another version of Python.
pep::InterpreterFacts facts_for(const venv::Interpreter& interpreter, const pep::Version& python) {
  auto facts = interpreter.facts;
  const auto release = python.release();
  facts.version = {static_cast<int>(release[0]), static_cast<int>(release[1])};
  facts.abis = {cat("cp", release[0], release[1], facts.gil_disabled ? "t" : "")};
  return facts;
}

}  // namespace

Result<venv::Interpreter> interpreter_for(const std::string& python, Session& session) {
  const auto folder = environment_for(python, session);
  if (!folder) return venv::find_interpreter(python, session.cache_dir(), leave_with_warning(session));
  PKG_TRY_ASSIGN(const auto environment, venv::open_environment(*folder, session.cache_dir()));
  return interpreter_to_use(environment, session);
}

venv::Interpreter absent_interpreter() {
  venv::Interpreter absent;
  absent.facts.implementation = absent.target.environment.implementation_name = "cpython";
  absent.target.environment.platform_python_implementation = "CPython";
  return absent;
}

Result<venv::Interpreter> interpreter_or_absent(const std::string& python, bool is_described, Session& session) {
  return or_absent(interpreter_for(python, session), python, is_described);
}

Result<pep::Target> target_with_version(const venv::Interpreter& interpreter, const std::string& text) {
  PKG_TRY_ASSIGN(const auto version, pep::Version::parse(text));
  auto release = version.release();
  if (release.size() < 2) release.push_back(0);
  pep::Target target = interpreter.target;
  const auto minor = cat(release[0], ".", release[1]);
  const bool same_minor = target.environment.python_version == minor;
  const auto full = release.size() > 2 ? version.to_string()
                    : same_minor       ? target.environment.python_full_version
                                       : cat(minor, ".0");
  target.environment.python_version = minor;
  target.environment.python_full_version = target.environment.implementation_version = full;
  PKG_TRY_ASSIGN(target.python, pep::Version::parse(full));
  if (!same_minor) {
    const auto platforms = pep::platform_tags(interpreter.platform);
    target.tags =
        std::make_shared<const pep::TagSet>(pep::interpreter_tags(facts_for(interpreter, target.python), platforms));
  }
  return target;
}

Result<pep::Target> target_for(const std::string& python, const std::string& python_version, Session& session,
                               const std::string& python_platform) {
  const bool is_described = !python_version.empty() && !python_platform.empty();
  PKG_TRY_ASSIGN(const auto interpreter, or_absent(interpreter_to_ask_for(python, session), python, is_described));
  const auto& version = python_version.empty() ? interpreter.target.environment.python_full_version : python_version;
  if (python_platform.empty())
    return python_version.empty() ? interpreter.target : target_with_version(interpreter, version);
  PKG_TRY_ASSIGN(const auto platform, parse_target_platform(python_platform));
  PKG_TRY_ASSIGN(auto target, target_with_version(interpreter, version));
  platform.apply_to(target.environment);
  target.is_other_machine = true;
  target.tags =
      std::make_shared<const pep::TagSet>(pep::interpreter_tags(facts_for(interpreter, target.python), platform.tags));
  return target;
}

Result<pep::Marker> marker_of(const pep::Environment& environment) {
  const auto is = [](std::string_view variable, const std::string& value) {
    return cat(variable, " == \"", value, "\"");
  };
  std::vector<std::string> parts{is("python_version", environment.python_version),
                                 is("sys_platform", environment.sys_platform)};
  if (!environment.platform_machine.empty()) parts.push_back(is("platform_machine", environment.platform_machine));
  parts.push_back(is("implementation_name", environment.implementation_name));
  return pep::Marker::parse(join(parts, " and "));
}

}  // namespace pkg::ops
