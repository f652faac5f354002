#include "ops/migrate/from_poetry.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "base/text.h"
#include "ops/migrate/import_values.h"
#include "ops/migrate/poetry_constraint.h"
#include "pep/toml_reader.h"

namespace pkg::ops {
namespace {

using pep::TomlReader;

// One dependency, or one of several for different environments.
struct Item {
  pep::Requirement requirement;
  std::optional<Source> source;
  bool is_optional = false;
};

const toml::Value* at(const toml::Value& root, std::initializer_list<std::string_view> path) {
  const auto* value = &root;
  for (const auto key : path)
    if (value = value->get(key); value == nullptr) return nullptr;
  return value;
}

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
      : root_(root), table_(table), reader_(file), place_(place) {
    project_.tool = "Poetry";
    project_.manifest = file;
    project_.files.push_back(file);
  }

  Result<ImportedProject> read() {
    PKG_TRY(read_sources());
    PKG_TRY(read_metadata());
    PKG_TRY(read_main());
    PKG_TRY(read_groups());
    PKG_TRY(read_scripts());
    read_rest();
    return std::move(project_);
  }

 private:
  // ---- metadata

  Status copy_text(std::string_view key, std::string_view as) {
    const auto* value = table_.get(key);
    if (value == nullptr) return ok_status();
    PKG_TRY_ASSIGN(const auto text, reader_.text(*value, cat("tool.poetry.", key)));
    if (!text.empty()) project_.metadata.emplace_back(as, toml::quote_string(text));
    return ok_status();
  }

  Status copy_people(std::string_view key) {
    const auto* value = table_.get(key);
    if (value == nullptr) return ok_status();
    PKG_TRY_ASSIGN(const auto people, reader_.texts(*value, cat("tool.poetry.", key)));
    if (!people.empty()) project_.metadata.emplace_back(key, people_array(people));
    return ok_status();
  }

  Status copy_texts(std::string_view key) {
    const auto* value = table_.get(key);
    if (value == nullptr) return ok_status();
    PKG_TRY_ASSIGN(const auto texts, reader_.texts(*value, cat("tool.poetry.", key)));
    if (!texts.empty()) project_.metadata.emplace_back(key, toml_array(texts));
    return ok_status();
  }

  Status read_version() {
    const auto* plugin = at(root_, {"tool", "poetry-dynamic-versioning", "enable"});
    if (plugin == nullptr || plugin->as_bool() == nullptr || !*plugin->as_bool())
      return copy_text("version", "version");
    project_.dynamic.emplace_back("version");
    return ok_status();
  }

  Status read_readme() {
    const auto* readme = table_.get("readme");
    if (readme == nullptr) return ok_status();
    if (readme->as_array() == nullptr) return copy_text("readme", "readme");
    PKG_TRY_ASSIGN(const auto files, reader_.texts(*readme, "tool.poetry.readme"));
    if (files.size() == 1)
      project_.metadata.emplace_back("readme", toml::quote_string(files.front()));
    else
      project_.note("`readme` names several files, and [project] has one", reader_.origin(*readme));
    return ok_status();
  }

  Status read_urls() {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kUrls{
        {{"homepage", "Homepage"}, {"repository", "Repository"}, {"documentation", "Documentation"}}};
    for (const auto& [key, label] : kUrls) {
      if (const auto* value = table_.get(key)) {
        PKG_TRY_ASSIGN(const auto text, reader_.text(*value, cat("tool.poetry.", key)));
        project_.urls.emplace_back(label, toml::quote_string(text));
      }
    }
    const auto* more = table_.get("urls");
    if (more == nullptr) return ok_status();
    if (more->as_table() == nullptr) return reader_.wrong_type(*more, "tool.poetry.urls", "a table");
    for (const auto& [key, value] : *more->as_table()) {
      PKG_TRY_ASSIGN(const auto text, reader_.text(value, cat("tool.poetry.urls.", key)));
      project_.urls.emplace_back(key, toml::quote_string(text));
    }
    return ok_status();
  }

  Status read_metadata() {
    if (const auto* name = table_.get("name")) {
      PKG_TRY_ASSIGN(project_.name, reader_.text(*name, "tool.poetry.name"));
    }
    PKG_TRY(read_version());
    PKG_TRY(copy_text("description", "description"));
    PKG_TRY(read_readme());
    if (const auto* license = table_.get("license")) {
      PKG_TRY_ASSIGN(const auto text, reader_.text(*license, "tool.poetry.license"));
      project_.metadata.emplace_back("license", cat("{ text = ", toml::quote_string(text), " }"));
    }
    PKG_TRY(copy_people("authors"));
    PKG_TRY(copy_people("maintainers"));
    PKG_TRY(copy_texts("keywords"));
    PKG_TRY(copy_texts("classifiers"));
    PKG_TRY(read_urls());
    const auto* mode = table_.get("package-mode");
    if (mode != nullptr && mode->as_bool() != nullptr && !*mode->as_bool())
      project_.settings.emplace_back("package", "false");
    return ok_status();
  }

  // ---- sources

  Status read_sources() {
    const auto* list = table_.get("source");
    if (list == nullptr) return ok_status();
    if (list->as_array() == nullptr)
      return reader_.wrong_type(*list, "tool.poetry.source", "[[tool.poetry.source]] tables");
    bool has_pypi = false;
    for (const auto& item : *list->as_array()) {
      PKG_TRY_ASSIGN(const bool is_pypi, read_source(item));
      has_pypi = has_pypi || is_pypi;
    }
    // Poetry asks PyPI where no primary source is named.
    if (has_pypi || primaries_.empty()) return ok_status();
    const auto last = std::ranges::find(project_.indexes, primaries_.back(), &ImportedIndex::name);
    if (last != project_.indexes.end()) last->is_default = true;
    return ok_status();
  }

  Result<std::string> source_text(const toml::Value& item, std::string_view key) const {
    const auto* value = item.get(key);
    return value == nullptr ? Result<std::string>(std::string())
                            : reader_.text(*value, cat("tool.poetry.source.", key));
  }

  static bool is_true(const toml::Value& item, std::string_view key) {
    const auto* value = item.get(key);
    return value != nullptr && value->as_bool() != nullptr && *value->as_bool();
  }

  // Whether it is PyPI.
  Result<bool> read_source(const toml::Value& item) {
    const auto origin = reader_.origin(item);
    ImportedIndex index;
    PKG_TRY_ASSIGN(index.name, source_text(item, "name"));
    PKG_TRY_ASSIGN(index.url, source_text(item, "url"));
    PKG_TRY_ASSIGN(auto priority, source_text(item, "priority"));
    if (index.name.empty()) return reader_.wrong(item, "[[tool.poetry.source]] lacks `name`");
    if (priority.empty()) priority = is_true(item, "secondary") ? "supplemental" : "primary";
    priority = to_ascii_lower(priority);
    if (equals_ignoring_case(index.name, "pypi") && (index.url.empty() || is_default_index(index.url, place_)))
      return priority != "explicit";
    if (index.url.empty()) return reader_.wrong(item, cat("the source ", quote(index.name), " lacks `url`"));
    if (is_default_index(index.url, place_)) {
      pypi_names_.insert(index.name);
      return priority != "explicit";
    }
    index.is_explicit = priority == "explicit";
    if (priority == "supplemental" || priority == "secondary") {
      project_.note(cat("the source ", quote(index.name), " is ", priority,
                        " in Poetry: pkg asks it before the default "
                        "index, and takes a project from the first index that has it"),
                    origin);
    }
    const auto name = index.name;
    const bool is_primary = priority == "primary" || priority == "default";
    if (add_index(project_, place_, std::move(index), origin) && is_primary) primaries_.push_back(name);
    return false;
  }

  // ---- one dependency

  Result<PoetryConstraint> constraint(const toml::Value& value, std::string_view what) const {
    PKG_TRY_ASSIGN(const auto text, reader_.text(value, what));
    return parse_poetry_constraint(text).with(
        [&] { return cat("in ", what, " at ", reader_.origin(value).to_string()); });
  }

  Status set_versions(const toml::Value& value, const std::string& what, Item& item) {
    PKG_TRY_ASSIGN(const auto versions, constraint(value, what));
    auto said = specifiers_for(versions);
    if (!said.is_exact) {
      project_.note(
          cat(quote(*value.as_string()), " of ", quote(item.requirement.name.str()), " is more than one range: ",
              said.specifiers.empty() ? std::string("any version") : quote(said.specifiers.to_string()),
              " is written, which allows what lies between, too"),
          reader_.origin(value));
    }
    item.requirement.specifiers = std::move(said.specifiers);
    return ok_status();
  }

  static void add_marker(Item& item, const pep::Marker& marker) {
    item.requirement.marker = pep::both(item.requirement.marker, marker);
  }

  // "linux", "!=win32", "darwin || linux".
  Status add_platform(const toml::Value& value, const std::string& what, Item& item) {
    PKG_TRY_ASSIGN(const auto text, reader_.text(value, what));
    std::string marker;
    const auto alternatives = replace_all(text, "||", "|");
    for (auto part : split(alternatives, '|')) {
      part = trim(part);
      const bool is_not = part.starts_with("!=");
      while (!part.empty() && (part.front() == '=' || part.front() == '!' || part.front() == ' '))
        part.remove_prefix(1);
      append(marker, marker.empty() ? "" : " or ", "sys_platform ", is_not ? "!=" : "==", " \"", part, '"');
    }
    auto parsed = pep::Marker::parse(marker);
    if (!parsed) return reader_.wrong(value, cat(quote(text), " is no platform"));
    add_marker(item, *parsed);
    return ok_status();
  }

  Status set_place(std::string_view key, const toml::Value& value, const std::string& what, Item& item) {
    PKG_TRY_ASSIGN(auto text, reader_.text(value, what));
    if (!item.source) item.source.emplace();
    auto& source = *item.source;
    if (key == "git") source.git = std::move(text);
    if (key == "branch") source.branch = std::move(text);
    if (key == "tag") source.tag = std::move(text);
    if (key == "rev") source.rev = std::move(text);
    if (key == "subdirectory") source.subdirectory = std::move(text);
    if (key == "url") source.url = std::move(text);
    if (key == "path" || key == "file") source.path = moved_path(text, place_.folder, place_);
    if (key == "source") source.index = std::move(text);
    return ok_status();
  }

  Status read_key(const toml::TableEntry& entry, const std::string& what, Item& item) {
    const auto& [key, value] = entry;
    const auto name = cat(what, '.', key);
    if (key == "version") return set_versions(value, name, item);
    if (key == "platform") return add_platform(value, name, item);
    if (key == "python") {
      PKG_TRY_ASSIGN(const auto pythons, constraint(value, name));
      add_marker(item, python_marker(pythons));
    } else if (key == "markers") {
      PKG_TRY_ASSIGN(const auto marker, reader_.marker(value, name));
      add_marker(item, marker);
    } else if (key == "extras") {
      PKG_TRY_ASSIGN(item.requirement.extras, reader_.names(value, name));
      std::ranges::sort(item.requirement.extras);
    } else if (key == "optional") {
      PKG_TRY_ASSIGN(item.is_optional, reader_.truth(value, name));
    } else if (key == "develop") {
      PKG_TRY_ASSIGN(develop_, reader_.truth(value, name));
    } else if (key == "allow-prereleases" || key == "allows-prereleases") {
      PKG_TRY_ASSIGN(const bool is_allowed, reader_.truth(value, name));
      if (is_allowed) project_.prereleases.emplace_back(item.requirement.name, "allow");
    } else if (is_place(key)) {
      return set_place(key, value, name, item);
    } else {
      project_.note(cat('`', key, "` of ", quote(item.requirement.name.str()), " is not carried"),
                    reader_.origin(value));
    }
    return ok_status();
  }

  static bool is_place(std::string_view key) {
    constexpr std::array<std::string_view, 9> kPlaces{"git", "branch", "tag",  "rev",   "subdirectory",
                                                      "url", "path",   "file", "source"};
    return std::ranges::find(kPlaces, key) != kPlaces.end();
  }

  void finish_source(Item& item, const toml::Value& value) {
    if (!item.source) return;
    auto& source = *item.source;
    source.origin = reader_.origin(value);
    source.editable = develop_ && !source.path.empty();
    if (!source.index.empty() && (!source.git.empty() || !source.url.empty() || !source.path.empty()))
      source.index.clear();
    const bool is_pypi = equals_ignoring_case(source.index, "pypi") || pypi_names_.contains(source.index);
    if (!source.index.empty() && !has_index(project_, source.index)) {
      if (!is_pypi || !project_.indexes.empty()) {
        project_.note(
            cat("that ", quote(item.requirement.name.str()), " comes from the source ", quote(source.index),
                " is not carried: ", is_pypi ? "the default index is asked last" : "no such source is carried"),
            source.origin);
      }
      item.source.reset();
    }
  }

  Result<Item> read_item(const pep::Name& name, const std::string& written, const toml::Value& value,
                         const std::string& what) {
    Item item;
    item.requirement.name = name;
    item.requirement.name_as_written = written;
    item.requirement.origin = reader_.origin(value);
    develop_ = false;
    if (value.as_string() != nullptr) {
      PKG_TRY(set_versions(value, what, item));
      return item;
    }
    if (value.as_table() == nullptr) return reader_.wrong_type(value, what, "a constraint or a table");
    for (const auto& entry : *value.as_table()) PKG_TRY(read_key(entry, what, item));
    finish_source(item, value);
    return item;
  }

  Result<std::vector<Item>> read_items(const toml::TableEntry& entry, const std::string& what) {
    PKG_TRY_ASSIGN(const auto name, reader_.key_name(entry, what));
    std::vector<Item> items;
    const auto path = cat(what, '.', entry.first);
    if (entry.second.as_array() == nullptr) {
      PKG_TRY_ASSIGN(auto item, read_item(name, entry.first, entry.second, path));
      items.push_back(std::move(item));
      return items;
    }
    for (const auto& one : *entry.second.as_array()) {
      PKG_TRY_ASSIGN(auto item, read_item(name, entry.first, one, path));
      items.push_back(std::move(item));
    }
    separate_sources(items);
    return items;
  }

  // Of several places of one name each is for its own environments; an index is for all of them.
  void separate_sources(std::vector<Item>& items) {
    if (items.size() < 2) return;
    const auto& first = items.front().source;
    const bool is_everywhere = first && !first->index.empty() && std::ranges::all_of(items, [&](const Item& other) {
                                 return other.source && other.source->index == first->index;
                               });
    if (is_everywhere) return;
    for (auto& item : items) {
      if (!item.source) continue;
      const auto& index = item.source->index;
      if (index.empty()) {
        item.source->marker = item.requirement.marker;
        continue;
      }
      project_.note(cat("that ", quote(item.requirement.name.str()), " comes from the source ", quote(index),
                        " in some environments is not carried: an index is for all of them"),
                    item.source->origin);
      item.source.reset();
    }
  }

  // ---- lists

  void take_source(Item& item) {
    if (item.source) add_source(project_, item.requirement.name, std::move(*item.source));
  }

  Status read_python(const toml::Value& value) {
    PKG_TRY_ASSIGN(const auto pythons, constraint(value, "tool.poetry.dependencies.python"));
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
    const auto* listed = at(root_, {"project", "dependencies"});
    const auto* extras = at(root_, {"project", "optional-dependencies"});
    found.names = names_in(listed);
    if (extras != nullptr && extras->as_table() != nullptr)
      for (const auto& [unused, list] : *extras->as_table()) found.names.merge(names_in(&list));
    found.has_some = !found.names.empty();
    const auto* dynamic = at(root_, {"project", "dynamic"});
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
      PKG_TRY_ASSIGN(auto items, read_items(entry, "tool.poetry.dependencies"));
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
    auto known = at(root_, {"dependency-groups"});
    const auto* standard_list = known == nullptr ? nullptr : known->get(name);
    const auto names = names_in(standard_list);
    auto& list = group_named(name);
    for (const auto& entry : *table.as_table()) {
      PKG_TRY_ASSIGN(auto items, read_items(entry, what));
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
             at(root_, {"dependency-groups", list.name}) != nullptr;
    });
    const auto* standard = root_.get("dependency-groups");
    if (standard != nullptr && standard->as_table() != nullptr) {
      for (const auto& [name, unused] : *standard->as_table()) {
        const auto* own = at(table_, {"group", name});
        if (own == nullptr || !is_true(*own, "optional")) defaults.push_back(name);
      }
    }
    const bool has_dev = std::ranges::find(project_.groups, "dev", &ImportedList::name) != project_.groups.end() ||
                         (standard != nullptr && standard->get("dev") != nullptr);
    set_default_groups(project_, std::move(defaults), has_dev);
    return ok_status();
  }

  // ---- scripts

  Status read_script(const toml::TableEntry& entry) {
    const auto& [name, value] = entry;
    const auto what = cat("tool.poetry.scripts.", name);
    const auto* reference = value.as_table() == nullptr ? &value : value.get("reference");
    const auto* type = value.get("type");
    const bool is_file = type != nullptr && type->as_string() != nullptr && *type->as_string() == "file";
    if (reference == nullptr || is_file) {
      project_.note(cat("the script ", quote(name), " is not carried: it is no `module:function`"),
                    reader_.origin(value));
      return ok_status();
    }
    PKG_TRY_ASSIGN(const auto text, reader_.text(*reference, what));
    project_.scripts.emplace_back(name, toml::quote_string(text));
    return ok_status();
  }

  Status read_scripts() {
    if (const auto* scripts = table_.get("scripts")) {
      if (scripts->as_table() == nullptr) return reader_.wrong_type(*scripts, "tool.poetry.scripts", "a table");
      for (const auto& entry : *scripts->as_table()) PKG_TRY(read_script(entry));
    }
    const auto* plugins = table_.get("plugins");
    if (plugins == nullptr) return ok_status();
    if (plugins->as_table() == nullptr) return reader_.wrong_type(*plugins, "tool.poetry.plugins", "a table");
    for (const auto& [group, members] : *plugins->as_table()) {
      if (members.as_table() == nullptr)
        return reader_.wrong_type(members, cat("tool.poetry.plugins.", group), "a table");
      TomlEntries entries;
      for (const auto& [name, value] : *members.as_table()) {
        PKG_TRY_ASSIGN(const auto text, reader_.text(value, cat("tool.poetry.plugins.", group, '.', name)));
        entries.emplace_back(name, toml::quote_string(text));
      }
      if (group == "console_scripts" || group == "gui_scripts")
        std::ranges::move(entries, std::back_inserter(group.front() == 'c' ? project_.scripts : project_.gui_scripts));
      else
        project_.entry_points.emplace_back(group, std::move(entries));
    }
    return ok_status();
  }

  // What is for Poetry's build backend, or for Poetry itself.
  void read_rest() {
    for (const auto* key : {"packages", "include", "exclude", "build"}) {
      if (const auto* value = table_.get(key))
        project_.note(cat("`", key, "` stays in [tool.poetry], where poetry-core reads it when the project is built"),
                      reader_.origin(*value));
    }
    for (const auto* key : {"requires-plugins", "requires-poetry", "build-constraints"}) {
      if (const auto* value = table_.get(key))
        project_.note(cat("`", key, "` is not carried: it is about Poetry itself"), reader_.origin(*value));
    }
  }

  const toml::Value &root_, &table_;
  TomlReader reader_;
  const ImportPlace& place_;
  ImportedProject project_;
  std::vector<std::string> primaries_;
  std::set<std::string> pypi_names_;  // sources that are the default index under another name
  bool develop_ = false;              // of the item that is read
};

}  // namespace

Result<ImportedProject> import_poetry(const toml::Value& root, const std::string& file_name, const ImportPlace& place) {
  const auto* table = at(root, {"tool", "poetry"});
  if (table == nullptr || table->as_table() == nullptr)
    return make_error(ErrorKind::not_found, cat(quote(file_name), " has no [tool.poetry]"));
  return Poetry(root, *table, file_name, place).read();
}

}  // namespace pkg::ops
