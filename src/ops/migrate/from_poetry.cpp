#include "ops/migrate/from_poetry.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/text.h"
#include "ops/migrate/import_values.h"
#include "ops/migrate/poetry_constraint.h"
#include "ops/migrate/poetry_dependency.h"
#include "ops/migrate/poetry_metadata.h"
#include "pep/toml_reader.h"

namespace pkg::ops {
namespace {

// The names in a list of requirements; what is none is passed over.
std::set<std::string> names_in(const toml::Value* list) {
  std::set<std::string> names;
  if (list == nullptr || list->as_array() == nullptr) return names;
  for (const auto& item : *list->as_array()) {
    if (item.as_string() == nullptr) continue;
    if (const auto requirement = pep::Requirement::parse(*item.as_string())) names.insert(requirement->name.str());
  }
  return names;
}

class Poetry {
 public:
  Poetry(const toml::Value& root, const toml::Value& table, const std::string& file, const ImportPlace& place)
      : root_(root), table_(table), reader_(file), dependencies_(reader_, place, project_) {
    project_.tool = "Poetry";
    project_.manifest = file;
    project_.files.push_back(file);
  }

  Result<ImportedProject> read() {
    PKG_TRY(dependencies_.read_sources(table_));
    PKG_TRY(read_poetry_metadata(root_, table_, reader_, project_));
    PKG_TRY(read_main());
    PKG_TRY(read_groups());
    return std::move(project_);
  }

 private:
  void take_source(PoetryDependency& item) {
    if (item.source) add_source(project_, item.requirement.name, std::move(*item.source));
  }

  Status read_python(const toml::Value& value) {
    PKG_TRY_ASSIGN(const auto pythons, dependencies_.constraint(value, "tool.poetry.dependencies.python"));
    auto said = specifiers_for(pythons);
    if (!said.is_exact)
      project_.note(cat(quote(*value.as_string()), " is more than one range of Pythons: ",
                        quote(said.specifiers.to_string()), " is written, which allows what lies between, too"),
                    reader_.origin(value));
    if (!said.specifiers.empty())
      project_.metadata.emplace_back("requires-python", toml::quote_string(specifiers_text(said.specifiers)));
    return ok_status();
  }

  // What [project] has already, by which Poetry's own table only says more.
  struct Standard {
    std::set<std::string> names;
    bool has_some = false, is_dynamic = false;
  };

  Standard standard() const {
    Standard found;
    const auto* listed = value_at(root_, {"project", "dependencies"});
    const auto* extras = value_at(root_, {"project", "optional-dependencies"});
    found.names = names_in(listed);
    if (extras != nullptr && extras->as_table() != nullptr)
      for (const auto& [unused, list] : *extras->as_table()) found.names.merge(names_in(&list));
    found.has_some = !found.names.empty();
    const auto* dynamic = value_at(root_, {"project", "dynamic"});
    if (dynamic != nullptr && dynamic->as_array() != nullptr) {
      for (const auto& key : *dynamic->as_array())
        if (key.as_string() != nullptr &&
            (*key.as_string() == "dependencies" || *key.as_string() == "optional-dependencies"))
          found.is_dynamic = true;
    }
    return found;
  }

  Status read_main() {
    const auto* table = table_.get("dependencies");
    if (table == nullptr) return ok_status();
    if (table->as_table() == nullptr) return reader_.wrong_type(*table, "tool.poetry.dependencies", "a table");
    const auto known = standard();
    std::map<std::string, std::vector<pep::Requirement>> all;  // by normal name
    std::vector<std::pair<std::string, Origin>> optional;
    for (const auto& entry : *table->as_table()) {
      if (entry.first == "python") {
        PKG_TRY(read_python(entry.second));
        continue;
      }
      PKG_TRY_ASSIGN(auto items, dependencies_.read(entry, "tool.poetry.dependencies"));
      for (auto& item : items) {
        take_source(item);
        const auto& name = item.requirement.name.str();
        if (known.has_some) {
          if (!known.names.contains(name)) tell_unmatched(item.requirement, known.is_dynamic);
          continue;
        }
        all[name].push_back(item.requirement);
        if (item.is_optional)
          optional.emplace_back(name, item.requirement.origin);
        else
          project_.dependencies.push_back(std::move(item.requirement));
      }
    }
    project_.only_enriches = known.has_some;
    return known.has_some ? ok_status() : read_extras(all, optional);
  }

  void tell_unmatched(const pep::Requirement& requirement, bool is_dynamic) {
    if (is_dynamic) {
      project_.dependencies.push_back(requirement);
      return;
    }
    project_.note(cat(quote(requirement.name.str()),
                      " is not carried: [project] has dependencies, and it is none of them; "
                      "Poetry ignores it, too"),
                  requirement.origin);
  }

  Status read_extras(const std::map<std::string, std::vector<pep::Requirement>>& all,
                     const std::vector<std::pair<std::string, Origin>>& optional) {
    std::set<std::string> used;
    const auto* extras = table_.get("extras");
    if (extras != nullptr && extras->as_table() == nullptr)
      return reader_.wrong_type(*extras, "tool.poetry.extras", "a table");
    if (extras != nullptr) {
      for (const auto& entry : *extras->as_table()) {
        PKG_TRY_ASSIGN(const auto names, reader_.texts(entry.second, cat("tool.poetry.extras.", entry.first)));
        ImportedList list{entry.first, {}, {}};
        for (const auto& text : names) {
          const auto name = pep::normalize_name(text);
          used.insert(name);
          const auto found = all.find(name);
          if (found == all.end()) {
            project_.note(
                cat(quote(text), " of the extra ", quote(entry.first), " is not carried: it is no dependency"),
                reader_.origin(entry.second));
            continue;
          }
          list.requirements.insert(list.requirements.end(), found->second.begin(), found->second.end());
        }
        project_.extras.push_back(std::move(list));
      }
    }
    for (const auto& [name, origin] : optional) {
      if (!used.contains(name))
        project_.note(cat(quote(name), " is not carried: it is optional, and no extra has it"), origin);
    }
    return ok_status();
  }

  Status read_group(const std::string& name, const toml::Value& table, const std::string& what) {
    if (table.as_table() == nullptr) return reader_.wrong_type(table, what, "a table");
    auto known = value_at(root_, {"dependency-groups"});
    const auto* standard_list = known == nullptr ? nullptr : known->get(name);
    const auto names = names_in(standard_list);
    auto& list = group_named(name);
    for (const auto& entry : *table.as_table()) {
      PKG_TRY_ASSIGN(auto items, dependencies_.read(entry, what));
      for (auto& item : items) {
        take_source(item);
        if (standard_list == nullptr) {
          list.requirements.push_back(std::move(item.requirement));
        } else if (!names.contains(item.requirement.name.str())) {
          project_.note(cat(quote(item.requirement.name.str()), " is not carried: [dependency-groups] has the group ",
                            quote(name), ", and it is not in it"),
                        item.requirement.origin);
        }
      }
    }
    return ok_status();
  }

  ImportedList& group_named(const std::string& name) {
    const auto found = std::ranges::find(project_.groups, name, &ImportedList::name);
    if (found != project_.groups.end()) return *found;
    project_.groups.push_back({name, {}, {}});
    return project_.groups.back();
  }

  Status read_one_group(const toml::TableEntry& entry, std::vector<std::string>& defaults) {
    const auto& [name, group] = entry;
    const auto what = cat("tool.poetry.group.", name);
    if (group.as_table() == nullptr) return reader_.wrong_type(group, what, "a table");
    if (!pep::is_valid_name(name)) return reader_.wrong(group, cat(quote(name), " is no name for a group"));
    if (!is_true(group, "optional")) defaults.push_back(name);
    (void)group_named(name);  // one without dependencies is a group, too
    if (const auto* dependencies = group.get("dependencies"))
      PKG_TRY(read_group(name, *dependencies, cat(what, ".dependencies")));
    if (const auto* includes = group.get("include-groups")) {
      PKG_TRY_ASSIGN(group_named(name).includes, reader_.texts(*includes, cat(what, ".include-groups")));
    }
    return ok_status();
  }

  Status read_groups() {
    std::vector<std::string> defaults;
    if (const auto* dev = table_.get("dev-dependencies")) {
      PKG_TRY(read_group("dev", *dev, "tool.poetry.dev-dependencies"));
      defaults.emplace_back("dev");
    }
    if (const auto* groups = table_.get("group")) {
      if (groups->as_table() == nullptr) return reader_.wrong_type(*groups, "tool.poetry.group", "a table");
      for (const auto& entry : *groups->as_table()) PKG_TRY(read_one_group(entry, defaults));
    }
    std::erase_if(project_.groups, [&](const ImportedList& list) {
      return list.requirements.empty() && list.includes.empty() &&
             value_at(root_, {"dependency-groups", list.name}) != nullptr;
    });
    const auto* standard = root_.get("dependency-groups");
    if (standard != nullptr && standard->as_table() != nullptr) {
      for (const auto& [name, unused] : *standard->as_table()) {
        const auto* own = value_at(table_, {"group", name});
        if (own == nullptr || !is_true(*own, "optional")) defaults.push_back(name);
      }
    }
    const bool has_dev = std::ranges::find(project_.groups, "dev", &ImportedList::name) != project_.groups.end() ||
                         (standard != nullptr && standard->get("dev") != nullptr);
    set_default_groups(project_, std::move(defaults), has_dev);
    return ok_status();
  }
  const toml::Value &root_, &table_;
  pep::TomlReader reader_;
  ImportedProject project_;
  PoetryDependencies dependencies_;
};

}  // namespace

Result<ImportedProject> import_poetry(const toml::Value& root, const std::string& file_name, const ImportPlace& place) {
  const auto* table = value_at(root, {"tool", "poetry"});
  if (table == nullptr || table->as_table() == nullptr)
    return make_error(ErrorKind::not_found, cat(quote(file_name), " has no [tool.poetry]"));
  return Poetry(root, *table, file_name, place).read();
}

}  // namespace pkg::ops
