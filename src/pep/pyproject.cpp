#include "pep/pyproject.h"

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
        return reader.wrong(items, cat("the extra ", quote(key), " is there twice: names are compared as ", quote(other.str())));
    }
    project.optional_dependencies.emplace_back(std::move(*extra), std::move(requirements));
  }
  return ok_status();
}

Status read_requires_python(const toml::Value& value, const TomlReader& reader, ProjectTable& project) {
  PKG_TRY_ASSIGN(const auto text, reader.text(value, "project.requires-python"));
  auto specifiers = SpecifierSet::parse(text);
  if (!specifiers) return std::move(specifiers).error().with(cat("in project.requires-python at ", reader.origin(value).to_string()));
  project.requires_python = std::move(*specifiers);
  project.has_requires_python = true;
  return ok_status();
}

Result<ProjectTable> read_project(const toml::Value& table, const TomlReader& reader) {
  if (table.as_table() == nullptr) return reader.wrong_type(table, "project", "a table");
  ProjectTable project;
  const toml::Value* name = table.get("name");
  if (name == nullptr) return reader.wrong(table, "`project` lacks `name`");
  PKG_TRY_ASSIGN(const auto name_text, reader.text(*name, "project.name"));
  auto parsed_name = Name::parse(name_text);
  if (!parsed_name) return std::move(parsed_name).error().with(cat("in project.name at ", reader.origin(*name).to_string()));
  project.name = std::move(*parsed_name);
  if (const toml::Value* version = table.get("version")) {
    PKG_TRY_ASSIGN(project.version, reader.text(*version, "project.version"));
  }
  if (const toml::Value* value = table.get("requires-python")) PKG_TRY(read_requires_python(*value, reader, project));
  if (const toml::Value* value = table.get("dependencies")) {
    PKG_TRY_ASSIGN(project.dependencies, reader.requirements(*value, "project.dependencies"));
  }
  if (const toml::Value* value = table.get("optional-dependencies")) PKG_TRY(read_optional_dependencies(*value, reader, project));
  if (const toml::Value* value = table.get("dynamic")) {
    PKG_TRY_ASSIGN(project.dynamic, reader.texts(*value, "project.dynamic"));
  }
  return project;
}

// [dependency-groups]: the groups in order, found by their normal names.
class Groups {
 public:
  explicit Groups(const TomlReader& reader) : reader_(reader) {}

  Status read(const toml::Value& value) {
    const toml::Table* table = value.as_table();
    if (table == nullptr) return reader_.wrong_type(value, "dependency-groups", "a table");
    for (const auto& [key, items] : *table) {
      std::string normal = normalize_name(key);
      if (const std::size_t other = find(normal); other < groups_.size()) {
        return reader_.wrong(items, cat("the groups ", quote(groups_[other].key), " and ", quote(key), " have the same name"));
      }
      groups_.push_back({key, std::move(normal), &items});
    }
    return ok_status();
  }

  // Appends the requirements of a group, those of included groups in their places.
  Status expand(const std::string& name, std::vector<Requirement>& out) const {
    std::vector<Frame> path;
    PKG_TRY(enter(name, nullptr, path));
    while (!path.empty()) {
      Frame& frame = path.back();
      const toml::Array& items = *groups_[frame.group].items->as_array();
      if (frame.next == items.size()) {
        path.pop_back();
        continue;
      }
      const toml::Value& item = items[frame.next++];
      if (item.as_string() != nullptr) {
        PKG_TRY_ASSIGN(auto requirement, reader_.requirement(item, cat("the dependency group ", quote(groups_[frame.group].key))));
        out.push_back(std::move(requirement));
        if (out.size() > kMostRequirements)
          return reader_.wrong(item, cat("more than ", kMostRequirements, " requirements in dependency groups"));
        continue;
      }
      PKG_TRY_ASSIGN(const auto included, included_group(item));
      PKG_TRY(enter(included, &item, path));
    }
    return ok_status();
  }

 private:
  static constexpr std::size_t kMostRequirements = 100'000;  // groups that include groups twice grow by powers
  struct Group {
    std::string key, normal;
    const toml::Value* items;
  };
  struct Frame {
    std::size_t group = 0, next = 0;
  };

  std::size_t find(std::string_view normal) const {
    std::size_t i = 0;
    while (i < groups_.size() && groups_[i].normal != normal) ++i;
    return i;
  }

  Error not_found(const std::string& name, const toml::Value* at) const {
    std::vector<std::string> known;
    for (const Group& group : groups_) known.push_back(group.key);
    Error error = make_error(ErrorKind::not_found, cat("there is no dependency group ", quote(name)));
    if (at != nullptr) error = std::move(error).with(cat("included at ", reader_.origin(*at).to_string()));
    if (const auto near = nearest(name, known)) error.hint = cat("did you mean ", quote(*near), '?');
    return error;
  }

  Status enter(const std::string& name, const toml::Value* at, std::vector<Frame>& path) const {
    const std::size_t group = find(normalize_name(name));
    if (group == groups_.size()) return not_found(name, at);
    for (std::size_t i = 0; i < path.size(); ++i) {
      if (path[i].group == group) return cycle(path, i, *at);
    }
    const toml::Value& items = *groups_[group].items;
    if (items.as_array() == nullptr) return reader_.wrong_type(items, cat("dependency-groups.", groups_[group].key), "an array");
    path.push_back({group, 0});
    return ok_status();
  }

  Error cycle(const std::vector<Frame>& path, std::size_t from, const toml::Value& at) const {
    std::string chain;
    for (std::size_t i = from; i < path.size(); ++i) append(chain, groups_[path[i].group].key, " -> ");
    return reader_.wrong(
        at, cat("dependency groups include each other in a circle: ", printable(chain), printable(groups_[path[from].group].key)));
  }

  Result<std::string> included_group(const toml::Value& item) const {
    const toml::Table* table = item.as_table();
    if (table == nullptr) return reader_.wrong_type(item, "an item of a dependency group", "a requirement or `{include-group = \"…\"}`");
    if (table->size() != 1 || table->front().first != "include-group") {
      return reader_.wrong(item, "a table in a dependency group is `{include-group = \"…\"}` and nothing else");
    }
    return reader_.text(table->front().second, "include-group");
  }

  const TomlReader& reader_;
  std::vector<Group> groups_;
};

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

Result<std::vector<Requirement>> dependency_groups(const Pyproject& pyproject, std::span<const std::string> groups,
                                                   const std::string& file_name) {
  const TomlReader reader(file_name);
  Groups all(reader);
  if (const toml::Value* table = pyproject.root.get("dependency-groups")) PKG_TRY(all.read(*table));
  std::vector<Requirement> requirements;
  for (const std::string& group : groups) PKG_TRY(all.expand(group, requirements));
  return requirements;
}

}  // namespace pkg::pep
