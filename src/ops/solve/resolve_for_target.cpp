#include "ops/solve/resolve_for_target.h"

#include <utility>

#include "base/text.h"
#include "base/url.h"
#include "ops/project/build_settings.h"
#include "ops/solve/live_source.h"
#include "ops/solve/project_status.h"
#include "pep/filename.h"
#include "pep/source_url.h"

namespace pkg::ops {

Status prepare_sources(Inputs& inputs, const venv::Interpreter& interpreter, Session& session) {
  session.make_builds_later([interpreter](Session& self) -> Status {
    if (interpreter.executable.empty())
      return make_error(ErrorKind::unsupported, "a source has to be built, and there is no Python on this machine",
                        "allow wheels only: --only-binary=:all:");
    use_project_builds(self);
    self.make_builds(interpreter, nullptr);
    return ok_status();
  });
  if (inputs.unnamed.empty()) return ok_status();
  PKG_TRY_ASSIGN(auto* builds, session.need_builds());
  return resolve_unnamed(inputs, *builds);
}

Result<TargetResolution> resolve_for_target(const Inputs& inputs, const ResolveOptions& options,
                                            const pep::Target& target, Session& session) {
  TargetResolution gathered;
  for (const auto& requirement : inputs.requirements) {
    if (requirement.marker.is_trivial() || requirement.marker.evaluate({.environment = target.environment}))
      gathered.requested.insert(requirement.name);
  }
  PKG_TRY_ASSIGN(auto problem, make_problem(inputs, options, target, {}));
  PKG_TRY_ASSIGN(auto* index, session.index());
  LiveSource source(*index, {}, session.builds_when_needed());
  PKG_TRY_ASSIGN(gathered.resolution, solve(problem, source, session));
  gathered.hashes = std::move(problem.policy.hashes);
  gathered.warnings = gathered.resolution.warnings;
  add_project_warnings(gathered.resolution, source, gathered.warnings);
  return gathered;
}

std::optional<pep::DistFile> plain_file(const pep::DistFile& file) {
  if (file.kind == pep::DistKind::wheel) return file;
  auto plain = file;
  const auto source = pep::SourceUrl::parse(file.url);
  if (source) {  // an index may give addresses that are none
    if (source->kind != pep::SourceUrl::Kind::sdist || !source->subdirectory.empty()) return std::nullopt;
    plain.url = source->url;
  }
  const auto named = pep::SdistName::parse(plain.file_name, &file.project);
  if (named && named->name == file.project) return plain;
  const auto given = to_ascii_lower(plain.file_name.empty() ? url::file_name(plain.url) : plain.file_name);
  const bool is_known = given.ends_with(".tar.gz") || given.ends_with(".tgz") || given.ends_with(".zip");
  if (!is_known) return std::nullopt;  // "v1.0.tar.bz2": nobody finds that by name
  plain.file_name =
      cat(file.project.with_underscores(), "-", file.version.to_string(), given.ends_with(".zip") ? ".zip" : ".tar.gz");
  return plain;
}

std::vector<const resolver::Pin*> pins_with_files(const TargetResolution& gathered, bool only_dependencies) {
  std::vector<const resolver::Pin*> pins;
  for (const auto& pin : gathered.resolution.pins) {
    if (!pin.files.empty() && !(only_dependencies && gathered.requested.contains(pin.name))) pins.push_back(&pin);
  }
  return pins;
}

}  // namespace pkg::ops
