#include "ops/solve/compile.h"
#include "ops/environment/target.h"

#include <algorithm>
#include <chrono>

#include "base/text.h"
#include "base/url.h"
#include "ops/environment/environment_interpreter.h"
#include "ops/environment/target_platform.h"
#include "ops/project/build_settings.h"
#include "ops/solve/compiled_file.h"
#include "ops/solve/project_status.h"
#include "pep/source_url.h"
#include "venv/environment.h"
#include "venv/interpreter/interpreter.h"

namespace pkg::ops {
namespace {

// Sources that were written as paths from here: as such they are written again.
std::map<std::string, std::string> paths_of(const Inputs& inputs, const std::filesystem::path& working_folder) {
  std::map<std::string, std::string> paths;
  for (const auto& url : inputs.relative_urls) {
    const auto source = pep::SourceUrl::parse(url);
    const auto path = source ? url::file_url_to_path(source->url) : Result<std::string>(source.error());
    if (!path) continue;
    auto text = std::filesystem::path(*path).lexically_relative(working_folder).native();
    if (text.empty()) continue;
    if (!text.starts_with("../") && text != ".." && text != ".") text.insert(0, "./");
    paths[url] = source->subdirectory.empty() ? text : cat(text, "#subdirectory=", source->subdirectory);
  }
  return paths;
}

// --universal: from --python-version (or the interpreter's) on.
Result<pep::SpecifierSet> pythons_from(const CompileOptions& options, Session& session) {
  PKG_TRY_ASSIGN(const auto target, target_for(options.python, options.python_version, session));
  return pep::SpecifierSet::parse(
      cat(">=", options.python_version.empty() ? target.environment.python_version : options.python_version));
}

// What has to be built is built with the interpreter at hand, whatever the target.
Status prepare_builds(const CompileOptions& options, Inputs& inputs, Session& session) {
  session.make_builds_later([python = options.python](Session& self) -> Status {
    PKG_TRY_ASSIGN(const auto interpreter, interpreter_for(python, self));
    use_project_builds(self);
    self.make_builds(interpreter, nullptr);
    return ok_status();
  });
  if (inputs.unnamed.empty()) return ok_status();
  PKG_TRY_ASSIGN(auto* builds, session.need_builds());
  return resolve_unnamed(inputs, *builds);
}

void make_universal(resolver::Problem& problem, const pep::SpecifierSet& requires_python) {
  problem.targets.clear();
  problem.universe = resolver::Universe{.requires_python = requires_python,
                                        .environments = {},
                                        .required = {},
                                        .conflicts = {},
                                        .fewest_versions = false};
}

}  // namespace

Result<CompileReport> compile(const CompileOptions& options, Session& given) {
  const auto start = std::chrono::steady_clock::now();
  PKG_TRY_ASSIGN(const auto kept, pins_to_keep(options.output_file, options.inputs, given.working_folder()));
  auto asked = options.inputs;
  asked.for_all_pythons = options.universal;
  PKG_TRY_ASSIGN(auto inputs, read_inputs(asked, given));
  auto& session = session_for(inputs, given);
  ResolveOptions resolve = options.resolve;
  if (resolve.upgrade) resolve.upgrade_strategy = UpgradeStrategy::eager;  // -U lifts every pin of the output
  CompileReport report;
  PKG_TRY_ASSIGN(auto* index, session.index());
  index->want_projects(required_names(inputs.requirements));  // under way while Python is asked what it is
  PKG_TRY_ASSIGN(const auto target,
                 target_for(options.python, options.python_version, session, options.python_platform));
  PKG_TRY(prepare_builds(options, inputs, session));
  if (options.universal) inputs.pythons.clear();  // they are of one Python
  PKG_TRY_ASSIGN(auto problem, make_problem(inputs, resolve, target, kept));
  report.session = &session;
  report.target = target;
  report.paths = paths_of(inputs, session.working_folder());
  report.python_version = target.environment.python_full_version;
  if (options.universal) {
    PKG_TRY_ASSIGN(const auto pythons, pythons_from(options, session));
    make_universal(problem, pythons);
    report.pythons = pythons;
    report.python_version = pythons.to_string();
  }
  LiveSource source(*index, {}, session.builds_when_needed());
  source.set_editables(inputs.editable_urls);
  PKG_TRY_ASSIGN(report.resolution, solve(problem, source, session));
  report.warnings = report.resolution.warnings;
  add_project_warnings(report.resolution, source, report.warnings);
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return report;
}

}  // namespace pkg::ops
