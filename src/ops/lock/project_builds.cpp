#include "ops/lock/project_builds.h"

#include <map>
#include <memory>
#include <set>
#include <utility>

#include "base/text.h"
#include "lock/lock_resolution.h"
#include "ops/environment/environment_interpreter.h"
#include "ops/environment/project_environment.h"
#include "ops/environment/target.h"
#include "ops/project/dynamic_members.h"
#include "ops/pythons/pythons.h"
#include "ops/solve/solve.h"
#include "pep/direct_url.h"
#include "pep/source_url.h"

namespace pkg::ops {
namespace {

Status make_project_builds(const pep::SpecifierSet& requires_python, const std::string& python, Session& session) {
  if (!python.empty()) {
    PKG_TRY_ASSIGN(const auto named, interpreter_for(python, session));
    session.make_builds(named, nullptr);
    return ok_status();
  }
  // One that is damaged is made again when it is synced.
  if (const auto present = present_project_environment(project_home(session).place, session)) {
    const auto own = interpreter_to_use(*present, session);
    if (own && requires_python.contains(own->target.python)) {
      session.make_builds(*own, &*present);
      return ok_status();
    }
  }
  PKG_TRY_ASSIGN(const auto found,
                 find_or_install_python(requires_python.to_string(), leave_with_warning(session), session)
                     .with("while looking for a Python to build with"));
  session.make_builds(found, nullptr);
  return ok_status();
}

// As locks write it: no credentials, nothing that only names.
std::string public_text(pep::SourceUrl source) {
  source.url = pep::strip_credentials(source.url);
  source.egg.clear();
  source.hashes.clear();
  return source.to_string();
}

}  // namespace

void build_with_project_python(const pep::SpecifierSet& requires_python, const std::string& python, Session& session) {
  if (session.can_build()) return;
  session.make_builds_later(
      [requires_python, python](Session& own) { return make_project_builds(requires_python, python, own); });
}

Result<ProjectRequirements> requirements_of(const LockSubject& subject, const LockOptions& options, Session& session) {
  pep::SpecifierSet pythons;
  for (const auto& member : subject.project.members)
    if (member.pyproject.project) pythons = pythons.intersect(member.pyproject.project->requires_python);
  build_with_project_python(pythons, options.python, session);
  if (!has_dynamic(subject.project)) return requirements_of(subject.project);
  auto project = subject.project;
  PKG_TRY(tell_dynamic(project, session));
  return requirements_of(project);
}

SourceBuilderWhenNeeded builds_keeping_commits(const std::optional<lock::LockFile>& old, const LockSubject& subject,
                                               const ProjectRequirements& requirements, Session& session) {
  const auto& resolve = subject.resolve;
  std::map<std::string, std::string> commits;
  if (old && !resolve.upgrade) commits = lock::commits_of(*old, upgraded_names(resolve.upgrade_packages));
  for (const auto& requirement : requirements.requirements) {
    const auto source = pep::SourceUrl::parse(requirement.url);
    if (!source || source->kind != pep::SourceUrl::Kind::vcs) continue;
    if (const auto known = commits.find(public_text(*source)); known != commits.end())
      commits.emplace(source->to_string(), known->second);
  }
  auto told = std::make_shared<bool>(false);
  return [&session, commits = std::move(commits), told]() -> Result<SourceBuilder*> {
    PKG_TRY_ASSIGN(auto* builds, session.need_builds());
    if (!std::exchange(*told, true)) builds->keep_commits(commits);
    return builds;
  };
}

}  // namespace pkg::ops
