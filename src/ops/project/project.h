#pragma once
// A project: pyproject.toml, its [tool.pkg] settings, and the members of its workspace.

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/events.h"
#include "base/result.h"
#include "builder/build_process.h"
#include "lock/lock_file.h"
#include "ops/project/group_pythons.h"
#include "ops/project/tasks.h"
#include "ops/session/dependency_metadata.h"
#include "ops/session/session.h"
#include "pep/name.h"
#include "pep/pyproject.h"
#include "pep/requirement.h"
#include "pep/specifier.h"
#include "resolver/policy.h"
#include "resolver/problem.h"

namespace pkg::ops {

// [tool.pkg.sources]: where a project comes from instead of the indexes' first answer. Exactly one of index, url, path,
// git, workspace.
struct Source {
  std::string index;  // name of an index
  std::string url;    // of an archive
  std::string path;   // file or folder, relative to the pyproject.toml that names it
  std::string git, branch, tag, rev;
  std::string subdirectory;
  bool workspace = false;
  bool editable = false;
  pep::Marker marker;
  pep::Name extra, group;  // at most one: counts for what is written in its list only
  Origin origin;
  bool is_for_one_list() const { return !extra.empty() || !group.empty(); }
};

// How things are built, and what is known of them without that (see BuildOptions, which these are put into).
struct ProjectBuildSettings {
  builder::ConfigSettings config_settings;
  std::map<pep::Name, builder::ConfigSettings> config_settings_of;
  std::map<pep::Name, std::vector<pep::Requirement>> extra_requirements;
  std::map<pep::Name, builder::Variables> extra_variables;
  std::vector<pep::Requirement> constraints;
  std::vector<DependencyMetadata> dependency_metadata;
};

// [tool.pkg] as far as it belongs to the project rather than to the command line (indexes and flags:
// cli/config/config). docs/reference/project.md
struct ProjectSettings {
  std::vector<pep::Requirement> overrides, constraints;  // override-dependencies, constraint-dependencies
  std::vector<pep::Name> excludes;                       // exclude-dependencies
  std::vector<resolver::ParentRule> parent_rules;        // entries of both that are for one parent
  std::map<pep::Name, std::vector<Source>> sources;
  std::map<pep::Name, std::string> exclude_newer_of;  // exclude-newer-package: a date or duration; "false": no cut-off
  std::map<pep::Name, resolver::Prereleases> prereleases_of;  // prerelease-package
  std::vector<pep::Marker> environments;
  std::vector<resolver::RequiredEnvironment>
      required_environments;  // markers, platform tags, or "common" for the usual platforms
  std::vector<std::vector<resolver::ConflictItem>> conflicts;
  std::vector<std::string> default_groups{"dev"};
  bool all_groups_by_default = false;                  // default-groups = "all"
  bool names_default_groups = false;                   // default-groups is there: all of them must exist
  GroupPythonSettings group_pythons;                   // dependency-groups: which Pythons a group is for
  bool fewest_versions = false;                        // fork-strategy = "fewest"
  std::vector<std::string> members, excluded_members;  // [tool.pkg.workspace] members, exclude: globs
  bool is_workspace = false;
  ProjectBuildSettings build;
  lock::BuildScope locked_builds;     // lock-build-dependencies
  std::filesystem::path environment;  // where the project's environment is, below its root; empty: .venv
  std::optional<bool> package;        // whether the project itself is installed; nullopt: when it has a [build-system]
  std::vector<Task> tasks;
  std::vector<std::string> notes;  // for who locks it: which tables of other tools count, and which do not
};

// One pyproject.toml.
struct Member {
  std::filesystem::path folder;
  pep::Name name;  // empty: no [project] table (a workspace root of its own)
  std::string text;
  pep::Pyproject pyproject;
  bool is_package = false;  // is built and installed
  std::string file_name;    // as messages call it: "pyproject.toml", "packages/a/pyproject.toml"
  std::map<pep::Name, std::vector<Source>> own_sources;  // of its own [tool.pkg]: win over those of the root
  GroupPythonSettings group_pythons;                     // of its own [tool.pkg], for its own groups
  std::vector<Task> tasks;                               // likewise
};

struct Project {
  std::filesystem::path root;   // folder of the workspace root: pylock.toml and .venv are here
  std::vector<Member> members;  // the root first, then by name
  std::size_t current = 0;      // the member the command was called in
  ProjectSettings settings;     // of the root
  const Member& member() const { return members[current]; }
};

// The project that `folder` is in: its pyproject.toml or that of a parent folder, and the workspace that one belongs
// to. not_found with the folders looked at; bad_data with file:line.
Result<Project> open_project(const std::filesystem::path& folder);
// The same, and warns of keys of [project] that no standard knows.
Result<Project> open_project(const std::filesystem::path& folder, Reporter& reporter);

// Whether a folder has a pyproject.toml that counts: one of another user's in a folder that everybody may write to
// (/tmp) does not, as anybody may have put it there for those who work below.
bool has_project_file(const std::filesystem::path& folder);

// The folder whose [tool.pkg] counts for a folder with a pyproject.toml: the root of the workspace it is a member of,
// else itself. What cannot be read is left to open_project to tell.
std::filesystem::path settings_folder(const std::filesystem::path& folder);

// [tool.pkg] of one pyproject.toml. A key that is neither known here nor a command-line setting is bad_data, with the
// nearest known one.
Result<ProjectSettings> parse_project_settings(const pep::Pyproject& pyproject, const std::string& file_name);

// What is asked for when the project is locked: requirements of all members; those of extras carry `"x" in extras`,
// those of groups
// `"g" in dependency_groups`. Sources are applied: URL requirements, indexes by name.
struct ProjectRequirements {
  std::vector<pep::Requirement> requirements;
  std::vector<pep::Name> extras, groups, default_groups;
  pep::SpecifierSet requires_python;             // of all members together
  pep::GroupPythons group_pythons;               // of groups that are for fewer Pythons; requirements have it as marker
  std::vector<resolver::IndexRule> index_rules;  // of index_sources()
  std::vector<pep::Requirement> constraints;     // versions that what comes from a source must have
  std::set<std::string> editable_urls;           // URLs of requirements that are installed in place
};
// Errors: bad_data with file:line · not_found (a group, extra, file or member that is named) · conflict (a member that
// is asked for in a version it does not have, sources that disagree, a group that is for no Python of the project) ·
// unsupported (dynamic dependencies: see tell_dynamic).
Result<ProjectRequirements> requirements_of(const Project& project);

}  // namespace pkg::ops
