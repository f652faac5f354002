#include "ops/inspect/workspace.h"

#include <algorithm>
#include <set>

#include "base/fs.h"
#include "base/text.h"
#include "ops/environment/project_environment.h"
#include "ops/project/members.h"
#include "ops/project/version_source.h"

namespace pkg::ops {
namespace {

using Names = std::set<pep::Name>;

void add_requirements(const std::vector<pep::Requirement>& requirements, const std::string& list, const Names& members,
                      WorkspaceMember& member) {
  for (const auto& requirement : requirements)
    if (members.contains(requirement.name))
      member.requires_.push_back({requirement.name.str(), list, requirement.to_string()});
}

Result<std::vector<pep::DependencyGroup>> groups_of(const Member& member) {
  if (member.pyproject.root.get("dependency-groups") == nullptr) return std::vector<pep::DependencyGroup>();
  return pep::all_dependency_groups(member.pyproject, member.file_name);
}

Result<WorkspaceMember> described(const Member& member, const std::filesystem::path& root, const Names& members) {
  const auto& project = *member.pyproject.project;
  WorkspaceMember result;
  result.name = member.name.str();
  result.folder = member.folder;
  result.relative = member.folder.lexically_relative(root).generic_string();
  result.version = project.version;
  if (project.version.empty()) result.version_source = source_of_version(member.pyproject.root);
  if (project.has_requires_python) result.requires_python = project.requires_python.to_string();
  result.is_package = member.is_package;
  add_requirements(project.dependencies, "project.dependencies", members, result);
  for (const auto& [extra, requirements] : project.optional_dependencies) {
    result.extras.push_back(extra.str());
    add_requirements(requirements, cat("project.optional-dependencies.", extra.str()), members, result);
  }
  PKG_TRY_ASSIGN(const auto groups, groups_of(member));
  for (const auto& group : groups) {
    result.groups.push_back(group.name.str());
    add_requirements(group.requirements, cat("dependency-groups.", group.name.str()), members, result);
  }
  return result;
}

}  // namespace

Result<WorkspaceReport> workspace(Session& session) {
  PKG_TRY_ASSIGN(const auto project, open_project(session.working_folder(), session.reporter()));
  WorkspaceReport report;
  report.root = project.root;
  report.lock = project.root / "pylock.toml";
  report.has_lock = fs::exists(report.lock);
  PKG_TRY_ASSIGN(report.environment, project_environment_folder(place_of(project)));
  report.current = project.member().name.str();
  Names names;
  for (const auto& member : project.members)
    if (!member.name.empty()) names.insert(member.name);
  for (const auto& member : project.members) {
    if (!member.pyproject.project) {
      PKG_TRY_ASSIGN(const auto groups, groups_of(member));
      for (const auto& group : groups) report.groups.push_back(group.name.str());
      continue;
    }
    PKG_TRY_ASSIGN(auto one, described(member, project.root, names));
    report.members.push_back(std::move(one));
  }
  return report;
}

Result<std::filesystem::path> workspace_folder(const std::string& package, Session& session) {
  PKG_TRY_ASSIGN(const auto project, open_project(session.working_folder(), session.reporter()));
  if (package.empty()) return project.root;
  PKG_TRY_ASSIGN(const auto index, need_member(project, package));
  return project.members[index].folder;
}

}  // namespace pkg::ops
