#include "ops/compile.h"

#include <algorithm>
#include <chrono>

#include "base/fs.h"
#include "base/limits.h"
#include "base/text.h"
#include "ops/environment_interpreter.h"
#include "ops/project_status.h"
#include "ops/target_platform.h"
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
  const auto text = fs::read_file_at_most(path, limits::kText);
  if (!text) return pins;
  const auto lines = pep::parse_requirements_txt(*text, path, [](std::string_view) { return std::optional<std::string>(); });
  if (!lines) return pins;
  for (const auto& line : *lines) {
    if (line.kind != pep::RequirementLine::Kind::requirement) continue;
    const auto requirement = pep::Requirement::parse(line.value);
    if (!requirement) continue;
    const auto parts = requirement->specifiers.parts();
    if (parts.size() == 1 && parts[0].op == pep::Operator::equal && !parts[0].wildcard)
      pins.push_back({requirement->name, parts[0].version, requirement->marker});
  }
  return pins;
}

}  // namespace

namespace {

// The folder of the environment that --python names, or that is found without it.
std::optional<std::filesystem::path> environment_for(const std::string& python, Session& session) {
  if (python.empty()) return venv::discover_environment(session.working_folder(), nullptr);
  auto path = session.working_folder() / python;
  return python.find('/') != std::string::npos && fs::is_directory(path) ? std::optional(std::move(path)) : std::nullopt;
}

// interpreter_for, for those who only look.
Result<venv::Interpreter> interpreter_to_ask_for(const std::string& python, Session& session) {
  const auto folder = environment_for(python, session);
  if (!folder) return venv::find_interpreter(python, session.cache_dir(), no_leave());
  PKG_TRY_ASSIGN(const auto environment, venv::open_environment(*folder, session.cache_dir()));
  return interpreter_to_ask(environment, session);
}

}  // namespace

Result<venv::Interpreter> interpreter_for(const std::string& python, Session& session) {
  const auto folder = environment_for(python, session);
  if (!folder) return venv::find_interpreter(python, session.cache_dir(), leave_with_warning(session));
  PKG_TRY_ASSIGN(const auto environment, venv::open_environment(*folder, session.cache_dir()));
  return interpreter_to_use(environment, session);
}

namespace {

// What is known of the interpreter, as it would be with another version of Python.
pep::InterpreterFacts facts_for(const venv::Interpreter& interpreter, const pep::Version& python) {
  auto facts = interpreter.facts;
  const auto release = python.release();
  facts.version = {static_cast<int>(release[0]), static_cast<int>(release[1])};
  facts.abis = {cat("cp", release[0], release[1], facts.gil_disabled ? "t" : "")};
  return facts;
}

}  // namespace

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
    const auto platforms = pep::platform_tags(interpreter.platform);
    target.tags = std::make_shared<const pep::TagSet>(pep::interpreter_tags(facts_for(interpreter, target.python), platforms));
  }
  return target;
}

Result<pep::Target> target_for(const std::string& python, const std::string& python_version, Session& session,
                               const std::string& python_platform) {
  PKG_TRY_ASSIGN(const auto interpreter, interpreter_to_ask_for(python, session));
  const auto& version = python_version.empty() ? interpreter.target.environment.python_full_version : python_version;
  if (python_platform.empty()) return python_version.empty() ? interpreter.target : target_with_version(interpreter, version);
  PKG_TRY_ASSIGN(const auto platform, parse_target_platform(python_platform));
  PKG_TRY_ASSIGN(auto target, target_with_version(interpreter, version));
  platform.apply_to(target.environment);
  target.tags = std::make_shared<const pep::TagSet>(pep::interpreter_tags(facts_for(interpreter, target.python), platform.tags));
  return target;
}

namespace {

// --universal: from --python-version (or the interpreter's) on.
Result<pep::SpecifierSet> pythons_from(const CompileOptions& options, Session& session) {
  PKG_TRY_ASSIGN(const auto target, target_for(options.python, options.python_version, session));
  return pep::SpecifierSet::parse(cat(">=", options.python_version.empty() ? target.environment.python_version : options.python_version));
}

// What has to be built is built with the interpreter at hand, whatever the target.
Status prepare_builds(const CompileOptions& options, Inputs& inputs, Session& session) {
  for (const auto& [name, settings] : inputs.config_settings) session.build_options().config_settings_of[name] = settings;
  session.make_builds_later([python = options.python](Session& self) -> Status {
    PKG_TRY_ASSIGN(const auto interpreter, interpreter_for(python, self));
    self.make_builds(interpreter, nullptr);
    return ok_status();
  });
  if (inputs.unnamed.empty()) return ok_status();
  PKG_TRY_ASSIGN(auto* builds, session.need_builds());
  return name_inputs(inputs, *builds);
}

void make_universal(resolver::Problem& problem, const pep::SpecifierSet& requires_python) {
  problem.targets.clear();
  problem.universe =
      resolver::Universe{.requires_python = requires_python, .environments = {}, .required = {}, .conflicts = {}, .fewest_versions = false};
}

}  // namespace

Result<CompileReport> compile(const CompileOptions& options, Session& session) {
  const auto start = std::chrono::steady_clock::now();
  PKG_TRY_ASSIGN(auto inputs, read_inputs(options.inputs, session));
  ResolveOptions resolve = options.resolve;
  if (resolve.upgrade) resolve.upgrade_strategy = UpgradeStrategy::eager;  // -U lifts every pin of the output
  CompileReport report;
  PKG_TRY_ASSIGN(auto* index, session.index());
  index->want_projects(required_names(inputs.requirements));  // under way while Python is asked what it is
  PKG_TRY_ASSIGN(const auto target, target_for(options.python, options.python_version, session, options.python_platform));
  PKG_TRY(prepare_builds(options, inputs, session));
  PKG_TRY_ASSIGN(auto problem, make_problem(inputs, resolve, target, pins_of(options.output_file)));
  report.python_version = target.environment.python_full_version;
  if (options.universal) {
    PKG_TRY_ASSIGN(const auto pythons, pythons_from(options, session));
    make_universal(problem, pythons);
    report.python_version = pythons.to_string();
  }
  LiveSource source(*index, {}, session.builds_when_needed());
  source.set_editables(inputs.editable_urls);
  if (session.build_options().no_url_dependencies) source.forbid_url_dependencies();
  PKG_TRY_ASSIGN(report.resolution, solve(problem, source, session));
  report.warnings = report.resolution.warnings;
  add_project_warnings(report.resolution, source, report.warnings);
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return report;
}

}  // namespace pkg::ops
