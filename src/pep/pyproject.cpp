#include "pep/pyproject.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/text.h"
#include "pep/toml_reader.h"

namespace pkg::pep {

namespace {

Result<BuildSystem> read_build_system(const toml::Value& table, const TomlReader& reader) {
  if (table.as_table() == nullptr) return reader.wrong_type(table, "build-system", "a table");
  BuildSystem system;
  const toml::Value* requires_value = table.get("requires");
  if (requires_value == nullptr) return reader.wrong(table, "`build-system` lacks `requires`");
  PKG_TRY_ASSIGN(system.requires_, reader.requirements(*requires_value, "build-system.requires"));
  if (const toml::Value* backend = table.get("build-backend")) {
    PKG_TRY_ASSIGN(system.build_backend, reader.text(*backend, "build-system.build-backend"));
  }
  if (const toml::Value* path = table.get("backend-path")) {
    PKG_TRY_ASSIGN(system.backend_path, reader.texts(*path, "build-system.backend-path"));
  }
  return system;
}

Status read_optional_dependencies(const toml::Value& value, const TomlReader& reader, ProjectTable& project) {
  const toml::Table* table = value.as_table();
  if (table == nullptr) return reader.wrong_type(value, "project.optional-dependencies", "a table");
  for (const auto& [key, items] : *table) {
    auto extra = Name::parse(key);
    if (!extra) return reader.wrong(items, cat(quote(key), " is not a valid name for an extra"));
    PKG_TRY_ASSIGN(auto requirements, reader.requirements(items, cat("project.optional-dependencies.", key)));
    for (const auto& [other, unused] : project.optional_dependencies) {
      if (other == *extra)
        return reader.wrong(
            items, cat("the extra ", quote(key), " is there twice: names are compared as ", quote(other.str())));
    }
    project.optional_dependencies.emplace_back(std::move(*extra), std::move(requirements));
  }
  return ok_status();
}

Status read_requires_python(const toml::Value& value, const TomlReader& reader, ProjectTable& project) {
  PKG_TRY_ASSIGN(const auto text, reader.text(value, "project.requires-python"));
  auto specifiers = SpecifierSet::parse(text);
  if (!specifiers)
    return std::move(specifiers).error().with(cat("in project.requires-python at ", reader.origin(value).to_string()));
  project.requires_python = std::move(*specifiers);
  project.has_requires_python = true;
  return ok_status();
}

// PEP 621, 639 and 794.
constexpr std::array<std::string_view, 20> kProjectKeys{
    "name",          "version",          "description",  "readme",       "requires-python",       "license",
    "license-files", "authors",          "maintainers",  "keywords",     "classifiers",           "urls",
    "scripts",       "gui-scripts",      "entry-points", "dependencies", "optional-dependencies", "dynamic",
    "import-names",  "import-namespaces"};

std::vector<std::string> unknown_keys(const toml::Table& table, const TomlReader& reader) {
  std::vector<std::string> lines;
  for (const auto& [key, value] : table) {
    if (std::ranges::find(kProjectKeys, key) != kProjectKeys.end()) continue;
    const std::vector<std::string> known(kProjectKeys.begin(), kProjectKeys.end());
    const auto near = nearest(key, known);
    lines.push_back(cat(reader.origin(value).to_string(), ": [project] has no key ", quote(key), ", which is ignored",
                        near ? cat(": did you mean ", quote(*near), '?') : std::string()));
  }
  return lines;
}

Result<ProjectTable> read_project(const toml::Value& table, const TomlReader& reader) {
  if (table.as_table() == nullptr) return reader.wrong_type(table, "project", "a table");
  ProjectTable project;
  const toml::Value* name = table.get("name");
  if (name == nullptr) return reader.wrong(table, "`project` lacks `name`");
  PKG_TRY_ASSIGN(const auto name_text, reader.text(*name, "project.name"));
  auto parsed_name = Name::parse(name_text);
  if (!parsed_name)
    return std::move(parsed_name).error().with(cat("in project.name at ", reader.origin(*name).to_string()));
  project.name = std::move(*parsed_name);
  if (const toml::Value* version = table.get("version")) {
    PKG_TRY_ASSIGN(project.version, reader.text(*version, "project.version"));
  }
  if (const toml::Value* value = table.get("requires-python")) PKG_TRY(read_requires_python(*value, reader, project));
  if (const toml::Value* value = table.get("dependencies")) {
    PKG_TRY_ASSIGN(project.dependencies, reader.requirements(*value, "project.dependencies"));
  }
  if (const toml::Value* value = table.get("optional-dependencies"))
    PKG_TRY(read_optional_dependencies(*value, reader, project));
  if (const toml::Value* value = table.get("dynamic")) {
    PKG_TRY_ASSIGN(project.dynamic, reader.texts(*value, "project.dynamic"));
  }
  project.unknown_keys = unknown_keys(*table.as_table(), reader);
  return project;
}

// [dependency-groups]: the groups in order, found by their normal names.
class Groups {
 public:
  struct Group {
    std::string key;
    const toml::Value* items;
    std::size_t next = 0;  // item
    bool is_open = false, is_done = false;
    std::vector<Requirement> requirements;
    SpecifierSet pythons;
  };

  explicit Groups(const TomlReader& reader) : reader_(reader) {}

  std::vector<std::string> keys() const {
    std::vector<std::string> keys;
    for (const Group& group : groups_) keys.push_back(group.key);
    return keys;
  }

  Status read(const toml::Value& value) {
    const toml::Table* table = value.as_table();
    if (table == nullptr) return reader_.wrong_type(value, "dependency-groups", "a table");
    for (const auto& [key, items] : *table) {
      const auto [known, is_new] = by_name_.try_emplace(normalize_name(key), groups_.size());
      if (!is_new) {
        return reader_.wrong(
            items, cat("the groups ", quote(groups_[known->second].key), " and ", quote(key), " have the same name"));
      }
      groups_.push_back({.key = key, .items = &items});
    }
    return ok_status();
  }

  // Before anything is expanded.
  void set_pythons(const GroupPythons& pythons) {
    for (const auto& [name, set] : pythons)
      if (const auto found = by_name_.find(name.str()); found != by_name_.end()) groups_[found->second].pythons = set;
  }

  // The group with what it includes: requirements in their places, and the Pythons of all. Each group is read once,
  // however often it is included.
  Result<const Group*> expand(const std::string& name) {
    std::vector<std::size_t> path;
    PKG_TRY_ASSIGN(const std::size_t wanted, enter(name, nullptr, path));
    while (!path.empty()) {
      Group& group = groups_[path.back()];
      const toml::Array& items = *group.items->as_array();
      if (group.next == items.size()) {
        group.is_done = true;
        path.pop_back();
        continue;
      }
      const toml::Value& item = items[group.next];
      if (item.as_string() != nullptr) {
        PKG_TRY_ASSIGN(auto requirement, reader_.requirement(item, cat("the dependency group ", quote(group.key))));
        PKG_TRY(count(1, item));
        group.requirements.push_back(std::move(requirement));
        ++group.next;
        continue;
      }
      PKG_TRY_ASSIGN(const auto included, included_group(item));
      PKG_TRY_ASSIGN(const std::size_t index, enter(included, &item, path));
      const Group& part = groups_[index];
      if (!part.is_done) continue;  // it has been entered: this item comes again when it is done
      PKG_TRY(count(part.requirements.size(), item));
      group.requirements.insert(group.requirements.end(), part.requirements.begin(), part.requirements.end());
      PKG_TRY(narrow(group, part.pythons, item));
      ++group.next;
    }
    return &groups_[wanted];
  }

 private:
  static constexpr std::size_t kMostRequirements = 100'000;  // groups that include groups twice grow by powers

  Status narrow(Group& group, const SpecifierSet& pythons, const toml::Value& item) const {
    if (pythons.empty()) return ok_status();
    group.pythons = group.pythons.intersect(pythons);
    if (group.pythons.parts().size() <= SpecifierSet::kMost) return ok_status();
    return reader_.wrong(item, cat("more than ", SpecifierSet::kMost, " bounds of Python in dependency groups"));
  }

  Status count(std::size_t more, const toml::Value& item) {
    requirements_ += more;
    if (requirements_ <= kMostRequirements) return ok_status();
    return reader_.wrong(item, cat("more than ", kMostRequirements, " requirements in dependency groups"));
  }

  Error not_found(const std::string& name, const toml::Value* at) const {
    std::vector<std::string> known;
    for (const Group& group : groups_) known.push_back(group.key);
    Error error = make_error(ErrorKind::not_found, cat("there is no dependency group ", quote(name)));
    if (at != nullptr) error = std::move(error).with(cat("included at ", reader_.origin(*at).to_string()));
    if (const auto near = nearest(name, known)) error.hint = cat("did you mean ", quote(*near), '?');
    return error;
  }

  // The group, which is put on the path unless it is done.
  Result<std::size_t> enter(const std::string& name, const toml::Value* at, std::vector<std::size_t>& path) {
    const auto found = by_name_.find(normalize_name(name));
    if (found == by_name_.end()) return not_found(name, at);
    Group& group = groups_[found->second];
    if (group.is_done) return found->second;
    if (std::exchange(group.is_open, true)) return cycle(path, found->second, *at);
    if (group.items->as_array() == nullptr)
      return reader_.wrong_type(*group.items, cat("dependency-groups.", group.key), "an array");
    path.push_back(found->second);
    return found->second;
  }

  Error cycle(const std::vector<std::size_t>& path, std::size_t again, const toml::Value& at) const {
    std::string chain;
    for (auto group = std::find(path.begin(), path.end(), again); group != path.end(); ++group)
      append(chain, groups_[*group].key, " -> ");
    return reader_.wrong(
        at, cat("dependency groups include each other in a circle: ", printable(chain), printable(groups_[again].key)));
  }

  Result<std::string> included_group(const toml::Value& item) const {
    const toml::Table* table = item.as_table();
    if (table == nullptr)
      return reader_.wrong_type(item, "an item of a dependency group", "a requirement or `{include-group = \"…\"}`");
    if (table->size() != 1 || table->front().first != "include-group") {
      return reader_.wrong(item, "a table in a dependency group is `{include-group = \"…\"}` and nothing else");
    }
    return reader_.text(table->front().second, "include-group");
  }

  const TomlReader& reader_;
  std::vector<Group> groups_;
  std::unordered_map<std::string, std::size_t> by_name_;  // normal names
  std::size_t requirements_ = 0;
};

Result<Groups> groups_of(const Pyproject& pyproject, const TomlReader& reader) {
  Groups groups(reader);
  if (const toml::Value* table = pyproject.root.get("dependency-groups")) PKG_TRY(groups.read(*table));
  return groups;
}

}  // namespace

Result<Pyproject> Pyproject::parse(std::string_view text, const std::string& file_name) {
  Pyproject pyproject;
  PKG_TRY_ASSIGN(pyproject.root, toml::parse(text, file_name));
  const TomlReader reader(file_name);
  PKG_TRY_ASSIGN(pyproject.build_system, build_system_of(pyproject.root, file_name));
  if (const toml::Value* table = pyproject.root.get("project")) {
    PKG_TRY_ASSIGN(pyproject.project, read_project(*table, reader));
  }
  return pyproject;
}

Result<std::optional<BuildSystem>> build_system_of(const toml::Value& root, const std::string& file_name) {
  const toml::Value* table = root.get("build-system");
  if (table == nullptr) return std::optional<BuildSystem>();
  PKG_TRY_ASSIGN(auto system, read_build_system(*table, TomlReader(file_name)));
  return std::optional<BuildSystem>(std::move(system));
}

Result<DependencyGroup> dependency_group(const Pyproject& pyproject, const std::string& name,
                                         const std::string& file_name, const GroupPythons& pythons) {
  const TomlReader reader(file_name);
  PKG_TRY_ASSIGN(auto all, groups_of(pyproject, reader));
  all.set_pythons(pythons);
  PKG_TRY_ASSIGN(const auto* group, all.expand(name));
  return DependencyGroup{Name::from_normalized(normalize_name(group->key)), group->requirements, group->pythons};
}

Result<std::vector<DependencyGroup>> all_dependency_groups(const Pyproject& pyproject, const std::string& file_name,
                                                           const GroupPythons& pythons) {
  const TomlReader reader(file_name);
  PKG_TRY_ASSIGN(auto all, groups_of(pyproject, reader));
  all.set_pythons(pythons);
  std::vector<DependencyGroup> groups;
  for (const std::string& key : all.keys()) {
    PKG_TRY_ASSIGN(const auto* group, all.expand(key));
    PKG_TRY_ASSIGN(auto name, Name::parse(key));
    groups.push_back({std::move(name), group->requirements, group->pythons});
  }
  return groups;
}

}  // namespace pkg::pep
