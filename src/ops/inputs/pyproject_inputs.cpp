#include "ops/inputs/pyproject_inputs.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "base/fs.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/toml.h"
#include "ops/inputs/group_pythons.h"
#include "ops/inputs/own_project.h"
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
  auto list = pyproject.project->dependencies;
  std::set<std::string> wanted;
  for (const auto& extra : extras) wanted.insert(pep::normalize_name(extra));
  for (const auto& [extra, requirements] : pyproject.project->optional_dependencies) {
    if (!all_extras && wanted.erase(extra.str()) == 0) continue;
    list.insert(list.end(), requirements.begin(), requirements.end());
  }
  if (!all_extras && !wanted.empty()) {
    return make_error(ErrorKind::not_found, cat(quote(file), " has no extra ", quote(*wanted.begin())));
  }
  PyprojectRequirements found{{}, own_project(*pyproject.project), pyproject.project->unknown_keys};
  PKG_TRY_ASSIGN(found.requirements, without_self_references(*pyproject.project, list, file));
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
  found.requirements = std::move(members.requirements);
  found.pythons = std::move(members.pythons);
  if (!pyproject.project) return found;
  const auto& project = *pyproject.project;
  found.own = own_project(project);
  found.unknown_keys = project.unknown_keys;
  const auto asks_for_it = [&](const auto& one) { return one.name == project.name && one.url.empty(); };
  if (std::ranges::any_of(found.requirements, asks_for_it))
    std::ranges::copy(project.dependencies, std::back_inserter(found.requirements));
  PKG_TRY_ASSIGN(found.requirements, without_self_references(project, found.requirements, file));
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
