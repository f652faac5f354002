#include "ops/inspect/open_graph.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/fs.h"
#include "base/hash.h"
#include "base/text.h"
#include "lock/locked_source.h"
#include "lock/pylock.h"
#include "lock/selection.h"
#include "ops/environment/environment_interpreter.h"
#include "ops/environment/project_environment.h"
#include "ops/environment/target.h"
#include "ops/lock/lock_steps.h"
#include "venv/environment.h"

namespace pkg::ops {
namespace {

constexpr std::string_view kLockName = "pylock.toml";

Result<std::optional<Project>> project_here(Session& session) {
  auto project = open_project(session.working_folder(), session.reporter());
  if (project) return std::optional<Project>(std::move(project).value());
  if (project.error().kind == ErrorKind::not_found) return std::optional<Project>();
  return std::move(project).error();
}

bool names_parts(const SelectionOptions& selection) {
  return !selection.extras.empty() || !selection.groups.empty() || !selection.only_groups.empty();
}

Result<GraphSelection> selection_of(const GraphOptions& options, const lock::LockFile& lock,
                                    const std::optional<pep::Target>& target) {
  GraphSelection selection;
  if (target) selection.environment = target->environment;
  const auto& parts = options.selection;
  const bool is_default = !names_parts(parts) && parts.excluded_groups.empty() && !parts.no_default_groups;
  if (options.universal && is_default) return selection;
  PKG_TRY_ASSIGN(const auto wanted, select_options(parts, lock));
  PKG_TRY_ASSIGN(auto chosen, lock::chosen_parts(lock, wanted.extras, wanted.groups));
  selection.extras = std::move(chosen.extras);
  selection.groups = std::move(chosen.groups);
  selection.only_groups = !parts.only_groups.empty();
  return selection;
}

GraphProject graph_project(const Member& member, const Project& project) {
  GraphProject result;
  result.name = member.name;
  if (result.name.empty())
    result.name = pep::Name::from_normalized(pep::normalize_name(project.root.filename().string()));
  if (member.pyproject.project) result.version = member.pyproject.project->version;
  return result;
}

// What the project asks for now, as far as the lock was made for it, with its places; and what only the lock still
// knows. Another tool's lock does not say what it was made for.
Result<std::vector<pep::Requirement>> asked_for(const Project& project, const lock::LockFile& lock) {
  auto stated = requirements_of(project);
  if (lock.tool.version == 0) {
    if (!stated) return std::move(stated).error();
    return std::move(stated->requirements);
  }
  std::vector<pep::Requirement> requirements;
  std::set<std::string> open(lock.tool.requirements.begin(), lock.tool.requirements.end());
  if (stated) {
    std::set<std::string> known;
    for (auto& requirement : stated->requirements) {
      const auto text = lock::requirement_text(requirement, project.root.native());
      if (!open.contains(text)) continue;
      known.insert(text);
      requirements.push_back(std::move(requirement));
    }
    for (const auto& text : known) open.erase(text);
  }
  for (const auto& text : open) {
    PKG_TRY_ASSIGN(auto requirement, lock::requirement_of(text, project.root.native()));
    requirements.push_back(std::move(requirement));
  }
  return requirements;
}

// What members ask of each other is in no lock: they are its projects.
void add_member_requirements(const Project& project, std::vector<GraphProject>& projects) {
  const auto add = [&](std::size_t member, const std::vector<pep::Requirement>& requirements,
                       const pep::Marker& condition) {
    for (auto requirement : requirements) {
      if (std::ranges::find(project.members, requirement.name, &Member::name) == project.members.end()) continue;
      requirement.marker = pep::both(requirement.marker, condition);
      projects[member].requirements.push_back(std::move(requirement));
    }
  };
  for (std::size_t i = 0; i < project.members.size(); ++i) {
    const auto& table = project.members[i].pyproject.project;
    if (!table) continue;
    add(i, table->dependencies, {});
    for (const auto& [extra, requirements] : table->optional_dependencies) add(i, requirements, pep::in_extras(extra));
  }
}

Result<std::vector<GraphProject>> graph_projects(const Project& project, const lock::LockFile& lock) {
  PKG_TRY_ASSIGN(auto requirements, asked_for(project, lock));
  std::vector<GraphProject> projects;
  for (const auto& member : project.members) projects.push_back(graph_project(member, project));
  for (auto& requirement : requirements) {
    const auto member = std::ranges::find(project.members, requirement.origin.file, &Member::file_name);
    const auto index = member == project.members.end() ? 0 : member - project.members.begin();
    projects[static_cast<std::size_t>(index)].requirements.push_back(std::move(requirement));
  }
  add_member_requirements(project, projects);
  // A workspace root of its own is no project, unless it asks for something.
  if (project.members.front().name.empty() && projects.front().requirements.empty()) projects.erase(projects.begin());
  return projects;
}

// Nothing: there is no lock.
Result<std::optional<OpenedGraph>> open_lock(const GraphOptions& options, std::optional<Project> project,
                                             Session& session) {
  OpenedGraph opened;
  opened.is_lock = true;
  opened.path = (project ? project->root : session.working_folder()) / kLockName;
  if (!fs::exists(opened.path)) return std::optional<OpenedGraph>();
  PKG_TRY_ASSIGN(opened.lock, read_lock_file(opened.path));
  if (!options.universal) {
    const auto& python = options.environment.python;
    PKG_TRY_ASSIGN(
        opened.target,
        target_for(python.empty() ? python_of_project(project_home(session), session) : python, {}, session));
  }
  PKG_TRY_ASSIGN(opened.selection, selection_of(options, opened.lock, opened.target));
  std::vector<GraphProject> projects;
  if (project) {
    PKG_TRY_ASSIGN(projects, graph_projects(*project, opened.lock));
  }
  opened.graph = graph_of(opened.lock, opened.selection, projects);
  opened.project = std::move(project);
  return std::optional<OpenedGraph>(std::move(opened));
}

// In a project its own, unless another is named.
Result<ChosenEnvironment> graph_environment(const EnvironmentOptions& options, Session& session) {
  if (const auto home = project_home(session);
      home.place.is_project && options.python.empty() && !options.names_place()) {
    PKG_TRY_ASSIGN(auto found, find_project_environment(options, home.place, session));
    if (found.present) {
      PKG_TRY(settle_interrupted(*found.present, Access::read, session));
      return ChosenEnvironment{.environment = std::move(*found.present)};
    }
  }
  return choose_environment(options, WhenMissing::fail, Access::read, session);
}

Result<OpenedGraph> open_environment_graph(const GraphOptions& options, Session& session) {
  if (options.universal || names_parts(options.selection)) {
    return make_error(ErrorKind::usage, "extras, groups and --universal choose parts of a lock, and there is none",
                      "make one with `pkg lock`");
  }
  PKG_TRY_ASSIGN(const auto chosen, graph_environment(options.environment, session));
  OpenedGraph opened;
  opened.path = chosen.environment.layout.prefix;
  std::vector<std::string> warnings;
  PKG_TRY_ASSIGN(opened.dists, venv::installed(chosen.environment, &warnings));
  for (const auto& warning : warnings) session.reporter().warning(warning);
  PKG_TRY_ASSIGN(const auto interpreter, interpreter_to_ask(chosen.environment, session));
  opened.target = interpreter.target;
  opened.selection.environment = interpreter.target.environment;
  venv::InstalledSet installed(opened.dists);
  opened.graph = graph_of(installed, *opened.target);
  return opened;
}

// The file whose metadata stands for the release: every file of a release should say the same.
std::optional<pep::DistFile> file_of(const lock::LockedPackage& package) {
  if (package.wheels.empty() || !package.version) return std::nullopt;
  const auto& wheel = package.wheels.front();
  pep::DistFile file;
  file.project = package.name;
  file.version = *package.version;
  file.file_name = wheel.name;
  file.url = wheel.url;
  file.size_bytes = wheel.size_bytes;
  file.index = package.index;
  for (const auto& [algorithm, hex] : wheel.hashes) {
    if (const auto known = hash::algorithm_from_name(algorithm)) file.hashes.push_back({*known, hex});
  }
  return file;
}

// Answers from METADATA of the project's environment, without making or requiring one.
std::vector<venv::InstalledDist> installed_here(Session& session) {
  const auto present = present_project_environment(project_home(session).place, session);
  if (!present) return {};
  auto dists = venv::installed(*present);
  return dists ? std::move(dists).value() : std::vector<venv::InstalledDist>();
}

std::optional<pep::Metadata> installed_metadata(const std::vector<venv::InstalledDist>& dists, const GraphNode& node) {
  const auto is_same = [&](const venv::InstalledDist& dist) {
    return dist.name == node.name && dist.version == node.parsed_version;
  };
  const auto dist = std::ranges::find_if(dists, is_same);
  if (dist == dists.end()) return std::nullopt;
  auto metadata = venv::read_metadata(*dist);
  return metadata ? std::optional(std::move(metadata).value()) : std::nullopt;
}

}  // namespace

Result<OpenedGraph> open_graph(const GraphOptions& options, Session& session) {
  if (options.installed) return open_environment_graph(options, session);
  PKG_TRY_ASSIGN(auto project, project_here(session));
  PKG_TRY_ASSIGN(auto locked, open_lock(options, std::move(project), session));
  if (locked) return std::move(*locked);
  return open_environment_graph(options, session);
}

std::vector<pep::Name> state_requirements(OpenedGraph& opened, const std::vector<std::size_t>& nodes,
                                          Session& session) {
  std::vector<std::pair<std::size_t, pep::DistFile>> files;
  std::vector<pep::Name> unknown;
  const auto dists = opened.is_lock ? installed_here(session) : std::vector<venv::InstalledDist>();
  for (const auto i : nodes) {
    const auto& node = opened.graph.nodes[i];
    const auto is_bare = [&](std::size_t e) { return !opened.graph.edges[e].is_stated; };
    if (std::ranges::none_of(node.needs, is_bare)) continue;
    const auto metadata = installed_metadata(dists, node);
    if (metadata)
      state_requirements(opened.graph, i, metadata->requires_dist, opened.selection);
    else if (auto file = file_of(opened.lock.packages[*node.source]))
      files.emplace_back(i, std::move(*file));
    else
      unknown.push_back(node.name);
  }
  if (files.empty()) return unknown;
  auto index = session.index();
  std::vector<const pep::DistFile*> wanted;
  for (const auto& [node, file] : files) wanted.push_back(&file);
  if (index) (*index)->want_metadata(wanted);
  for (const auto& [node, file] : files) {
    const auto answer = index ? (*index)->metadata(file) : Result<index::MetadataResult>(index.error());
    if (answer && answer->metadata)
      state_requirements(opened.graph, node, answer->metadata->requires_dist, opened.selection);
    else
      unknown.push_back(file.project);
  }
  std::ranges::sort(unknown);
  return unknown;
}

}  // namespace pkg::ops
