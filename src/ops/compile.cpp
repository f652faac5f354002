#include "ops/compile.h"

#include <algorithm>
#include <chrono>

#include "base/fs.h"
#include "base/text.h"
#include "ops/project_status.h"
#include "pep/requirements_txt.h"
#include "venv/environment.h"
#include "venv/interpreter.h"

namespace pkg::ops {
namespace {

// The pins of an earlier output are preferences; a file that is not one gives none.
std::vector<resolver::Preference> pins_of(const std::string& path) {
  std::vector<resolver::Preference> pins;
  std::error_code ignored;
  if (path.empty() || !std::filesystem::is_regular_file(path, ignored)) return pins;
  const auto text = fs::read_file(path);
  if (!text) return pins;
  const auto lines = pep::parse_requirements_txt(*text, path, [](std::string_view) { return std::optional<std::string>(); });
  if (!lines) return pins;
  for (const auto& line : *lines) {
    if (line.kind != pep::RequirementLine::Kind::requirement) continue;
    const auto requirement = pep::Requirement::parse(line.value);
    if (!requirement) continue;
    const auto parts = requirement->specifiers.parts();
    if (parts.size() == 1 && parts[0].op == pep::Operator::equal && !parts[0].wildcard)
      pins.push_back({requirement->name, parts[0].version});
  }
  return pins;
}

}  // namespace

Result<venv::Interpreter> interpreter_for(const std::string& python, Session& session) {
  namespace stdfs = std::filesystem;
  if (python.empty()) {
    if (const auto found = venv::discover_environment(session.working_folder(), nullptr)) {
      PKG_TRY_ASSIGN(const auto environment, venv::open_environment(*found, session.cache_dir()));
      return venv::interpreter_of(environment, session.cache_dir());
    }
    return venv::find_interpreter({}, session.cache_dir());
  }
  const auto path = session.working_folder() / python;
  if (python.find('/') != std::string::npos && fs::is_directory(path)) {
    PKG_TRY_ASSIGN(const auto environment, venv::open_environment(path, session.cache_dir()));
    return venv::interpreter_of(environment, session.cache_dir());
  }
  return venv::find_interpreter(python, session.cache_dir());
}

Result<pep::Target> target_with_version(const venv::Interpreter& interpreter, const std::string& text) {
  PKG_TRY_ASSIGN(const auto version, pep::Version::parse(text));
  auto release = version.release();
  if (release.size() < 2) release.push_back(0);
  pep::Target target = interpreter.target;
  const auto minor = cat(release[0], ".", release[1]);
  const bool same_minor = target.environment.python_version == minor;
  const auto full = release.size() > 2 ? version.to_string() : same_minor ? target.environment.python_full_version : cat(minor, ".0");
  target.environment.python_version = minor;
  target.environment.python_full_version = target.environment.implementation_version = full;
  PKG_TRY_ASSIGN(target.python, pep::Version::parse(full));
  if (!same_minor) {
    pep::InterpreterFacts facts = interpreter.facts;
    facts.version = {static_cast<int>(release[0]), static_cast<int>(release[1])};
    facts.abis = {cat("cp", release[0], release[1], facts.gil_disabled ? "t" : "")};
    const auto platforms = pep::platform_tags(interpreter.platform);
    target.tags = std::make_shared<const pep::TagSet>(pep::interpreter_tags(facts, platforms));
  }
  return target;
}

Result<pep::Target> target_for(const std::string& python, const std::string& python_version, Session& session) {
  PKG_TRY_ASSIGN(const auto interpreter, interpreter_for(python, session));
  if (python_version.empty()) return interpreter.target;
  return target_with_version(interpreter, python_version);
}

Result<CompileReport> compile(const CompileOptions& options, Session& session) {
  const auto start = std::chrono::steady_clock::now();
  PKG_TRY_ASSIGN(const auto inputs, read_inputs(options.inputs, session));
  PKG_TRY_ASSIGN(const auto target, target_for(options.python, options.python_version, session));
  ResolveOptions resolve = options.resolve;
  if (resolve.upgrade) resolve.upgrade_strategy = UpgradeStrategy::eager;  // -U lifts every pin of the output
  PKG_TRY_ASSIGN(const auto problem, make_problem(inputs, resolve, target, pins_of(options.output_file)));
  PKG_TRY_ASSIGN(auto* index, session.index());
  LiveSource source(*index, {});
  CompileReport report;
  PKG_TRY_ASSIGN(report.resolution, solve(problem, source, session));
  report.warnings = report.resolution.warnings;
  add_project_warnings(report.resolution, source, report.warnings);
  report.python_version = target.environment.python_full_version;
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return report;
}

}  // namespace pkg::ops
