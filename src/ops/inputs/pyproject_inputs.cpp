#include "ops/inputs/pyproject_inputs.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "base/fs.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/toml.h"
#include "base/url.h"
#include "lock/partial_marker.h"
#include "ops/project/group_pythons.h"
#include "ops/project/own_project.h"
#include "ops/project/project_sources.h"
#include "pep/pyproject.h"
#include "pep/script_block.h"
#include "pep/toml_reader.h"

namespace pkg::ops {
namespace {

Result<std::string> text_of(const std::string& file, const std::filesystem::path& working_folder) {
  return fs::read_file_at_most((working_folder / file).lexically_normal(), limits::kText);
}

// Its dependencies or extras are dynamic, or it has no [project] table, and a setup.py or setup.cfg.
bool only_backend_knows(const pep::Pyproject& pyproject, const std::filesystem::path& folder) {
  if (!pyproject.project) return fs::exists(folder / "setup.py") || fs::exists(folder / "setup.cfg");
  return std::ranges::any_of(pyproject.project->dynamic, [](const std::string& key) {
    return key == "dependencies" || key == "optional-dependencies";
  });
}

// The project whose settings count for `file`: sources, rules, the workspace. nullopt: none do, because the file is
// called otherwise or is another user's in a folder that everybody may write to.
Result<std::optional<Project>> project_of(const std::string& file, const std::filesystem::path& working_folder) {
  const auto path = (working_folder / file).lexically_normal();
  if (path.filename() != "pyproject.toml" || !has_project_file(path.parent_path())) return std::optional<Project>();
  PKG_TRY_ASSIGN(auto project, open_project(path.parent_path()));
  return std::optional(std::move(project));
}

// The extras and groups in whose lists something stands, as index sources are for them.
lock::ChosenParts parts_of(const std::vector<ListedRequirement>& listed) {
  std::set<pep::Name> extras, groups;
  for (const auto& [requirement, list] : listed) {
    if (!list.extra.empty()) extras.insert(list.extra);
    if (!list.group.empty()) groups.insert(list.group);
  }
  return {{extras.begin(), extras.end()}, {groups.begin(), groups.end()}};
}

// A member of the workspace is taken from its folder, in place where it is a package.
Status add_member(const pep::Requirement& requirement, const Member& wanted, const Project& project,
                  ProjectRequirements& asked) {
  PKG_TRY(check_member_requirement(requirement, project.member(), wanted, project));
  auto one = requirement;
  one.specifiers = {};
  one.url = url::path_to_file_url(wanted.folder.string());
  if (wanted.is_package) asked.editable_urls.insert(one.url);
  asked.requirements.push_back(std::move(one));
  return ok_status();
}

// What is listed, from where [tool.pkg] of its project says.
Status add_listed(const std::vector<ListedRequirement>& listed, const std::string& file,
                  const std::filesystem::path& working_folder, PyprojectRequirements& found) {
  PKG_TRY_ASSIGN(auto project, project_of(file, working_folder));
  if (!project) {
    for (const auto& [requirement, list] : listed) found.requirements.push_back(requirement);
    return ok_status();
  }
  ProjectRequirements asked;
  std::set<std::string> written;  // as URLs
  for (const auto& [requirement, list] : listed) {
    if (!requirement.url.empty()) written.insert(requirement.url);
    const auto member = std::ranges::find(project->members, requirement.name, &Member::name);
    PKG_TRY(member != project->members.end() && member->name != project->member().name
                ? add_member(requirement, *member, *project, asked)
                : add_with_sources(requirement, list, project->member(), *project, {}, asked));
  }
  PKG_TRY_ASSIGN(auto rules, index_sources(*project));
  const auto parts = parts_of(listed);
  for (auto& rule : rules) {
    auto where = lock::decide_parts(rule.where, parts);
    if (where) found.index_rules.push_back({std::move(rule.name), std::move(rule.index), *std::move(where)});
  }
  for (const auto& requirement : asked.requirements)
    if (requirement.url.starts_with("file:") && !written.contains(requirement.url))
      found.relative_urls.insert(requirement.url);
  found.requirements = std::move(asked.requirements);
  found.constraints = std::move(asked.constraints);
  found.editable_urls = std::move(asked.editable_urls);
  found.rules = {std::move(project->root), std::move(project->settings)};
  return ok_status();
}

std::vector<ListedRequirement> all_in(const std::vector<pep::Requirement>& requirements, const WrittenIn& list) {
  std::vector<ListedRequirement> listed;
  for (const auto& requirement : requirements) listed.push_back({requirement, list});
  return listed;
}

}  // namespace

Result<std::optional<PyprojectRequirements>> pyproject_requirements(const std::string& file,
                                                                    const std::filesystem::path& working_folder,
                                                                    const std::vector<std::string>& extras,
                                                                    bool all_extras) {
  PKG_TRY_ASSIGN(const auto text, text_of(file, working_folder));
  PKG_TRY_ASSIGN(const auto pyproject, pep::Pyproject::parse(text, file));
  if (only_backend_knows(pyproject, (working_folder / file).parent_path()))
    return std::optional<PyprojectRequirements>();
  if (!pyproject.project) return make_error(ErrorKind::bad_data, cat(quote(file), " has no [project] table"));
  auto list = all_in(pyproject.project->dependencies, {});
  std::set<std::string> wanted;
  for (const auto& extra : extras) wanted.insert(pep::normalize_name(extra));
  for (const auto& [extra, requirements] : pyproject.project->optional_dependencies) {
    if (!all_extras && wanted.erase(extra.str()) == 0) continue;
    std::ranges::move(all_in(requirements, {extra, {}}), std::back_inserter(list));
  }
  if (!all_extras && !wanted.empty()) {
    return make_error(ErrorKind::not_found, cat(quote(file), " has no extra ", quote(*wanted.begin())));
  }
  PyprojectRequirements found{{}, own_project(*pyproject.project), pyproject.project->unknown_keys};
  PKG_TRY_ASSIGN(list, without_self_references(*pyproject.project, list, file));
  PKG_TRY(add_listed(list, file, working_folder, found));
  return std::optional(std::move(found));
}

Result<PyprojectRequirements> group_requirements(const std::string& group,
                                                 const std::filesystem::path& working_folder) {
  const auto colon = group.rfind(':');
  const std::string file = colon == std::string::npos ? "pyproject.toml" : group.substr(0, colon);
  const std::string name = colon == std::string::npos ? group : group.substr(colon + 1);
  PKG_TRY_ASSIGN(const auto text, text_of(file, working_folder));
  PKG_TRY_ASSIGN(const auto pyproject, pep::Pyproject::parse(text, file));
  PyprojectRequirements found;
  PKG_TRY_ASSIGN(const auto pythons, group_pythons_of(pyproject.root, file));
  PKG_TRY_ASSIGN(auto members, pep::dependency_group(pyproject, name, file, pythons));
  found.pythons = std::move(members.pythons);
  auto list = all_in(members.requirements, {{}, members.name});
  if (const auto& project = pyproject.project) {
    found.own = own_project(*project);
    found.unknown_keys = project->unknown_keys;
    const auto names_it = [&](const auto& one) { return one.name == project->name && one.url.empty(); };
    if (std::ranges::any_of(members.requirements, names_it))
      std::ranges::move(all_in(project->dependencies, {}), std::back_inserter(list));
    PKG_TRY_ASSIGN(list, without_self_references(*project, list, file));
  }
  PKG_TRY(add_listed(list, file, working_folder, found));
  return found;
}

Result<ScriptRequirements> script_requirements(const std::string& file, const std::filesystem::path& working_folder) {
  PKG_TRY_ASSIGN(const auto text, text_of(file, working_folder));
  PKG_TRY_ASSIGN(const auto block, pep::script_block(text).with([&] { return cat("while reading ", quote(file)); }));
  if (!block) return make_error(ErrorKind::bad_data, cat(quote(file), " has no `# /// script` block"));
  PKG_TRY_ASSIGN(const auto root, pep::parse_block(*block, file));
  const pep::TomlReader reader(file);
  ScriptRequirements found;
  if (const auto* dependencies = root.get("dependencies")) {
    PKG_TRY_ASSIGN(found.words, reader.texts(*dependencies, "dependencies"));
  }
  if (const auto* pythons = root.get("requires-python")) {
    PKG_TRY_ASSIGN(const auto written, reader.text(*pythons, "requires-python"));
    PKG_TRY_ASSIGN(found.requires_python,
                   pep::SpecifierSet::parse(written).with([&] { return reader.origin(*pythons).to_string(); }));
  }
  return found;
}

}  // namespace pkg::ops
