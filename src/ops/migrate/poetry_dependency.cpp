#include "ops/migrate/poetry_dependency.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "ops/migrate/import_values.h"

namespace pkg::ops {
namespace {

void add_marker(PoetryDependency& item, const pep::Marker& marker) {
  item.requirement.marker = pep::both(item.requirement.marker, marker);
}

// "linux", "!=win32", "darwin || linux".
Status add_platform(const toml::Value& value, const std::string& what, const pep::TomlReader& reader,
                    PoetryDependency& item) {
  PKG_TRY_ASSIGN(const auto text, reader.text(value, what));
  std::string marker;
  const auto alternatives = replace_all(text, "||", "|");
  for (auto part : split(alternatives, '|')) {
    part = trim(part);
    const bool is_not = part.starts_with("!=");
    while (!part.empty() && (part.front() == '=' || part.front() == '!' || part.front() == ' ')) part.remove_prefix(1);
    append(marker, marker.empty() ? "" : " or ", "sys_platform ", is_not ? "!=" : "==", " \"", part, '"');
  }
  auto parsed = pep::Marker::parse(marker);
  if (!parsed) return reader.wrong(value, cat(quote(text), " is no platform"));
  add_marker(item, *parsed);
  return ok_status();
}

bool is_place(std::string_view key) {
  constexpr std::array<std::string_view, 9> kPlaces{"git", "branch", "tag",  "rev",   "subdirectory",
                                                    "url", "path",   "file", "source"};
  return std::ranges::find(kPlaces, key) != kPlaces.end();
}

}  // namespace

Status PoetryDependencies::read_sources(const toml::Value& table) {
  const auto* list = table.get("source");
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

Result<std::string> PoetryDependencies::source_text(const toml::Value& item, std::string_view key) const {
  const auto* value = item.get(key);
  return value == nullptr ? Result<std::string>(std::string()) : reader_.text(*value, cat("tool.poetry.source.", key));
}

// Whether it is PyPI.
Result<bool> PoetryDependencies::read_source(const toml::Value& item) {
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
Result<PoetryConstraint> PoetryDependencies::constraint(const toml::Value& value, std::string_view what) const {
  PKG_TRY_ASSIGN(const auto text, reader_.text(value, what));
  return parse_poetry_constraint(text).with(
      [&] { return cat("in ", what, " at ", reader_.origin(value).to_string()); });
}

Status PoetryDependencies::set_versions(const toml::Value& value, const std::string& what, Item& item) {
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

Status PoetryDependencies::set_place(std::string_view key, const toml::Value& value, const std::string& what,
                                     Item& item) {
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

Status PoetryDependencies::read_key(const toml::TableEntry& entry, const std::string& what, Item& item) {
  const auto& [key, value] = entry;
  const auto name = cat(what, '.', key);
  if (key == "version") return set_versions(value, name, item);
  if (key == "platform") return add_platform(value, name, reader_, item);
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
    project_.note(cat('`', key, "` of ", quote(item.requirement.name.str()), " is not carried"), reader_.origin(value));
  }
  return ok_status();
}

void PoetryDependencies::finish_source(Item& item, const toml::Value& value) {
  if (!item.source) return;
  auto& source = *item.source;
  source.origin = reader_.origin(value);
  source.editable = develop_ && !source.path.empty();
  if (!source.index.empty() && (!source.git.empty() || !source.url.empty() || !source.path.empty()))
    source.index.clear();
  const bool is_pypi = equals_ignoring_case(source.index, "pypi") || pypi_names_.contains(source.index);
  if (!source.index.empty() && !has_index(project_, source.index)) {
    if (!is_pypi || !project_.indexes.empty()) {
      project_.note(cat("that ", quote(item.requirement.name.str()), " comes from the source ", quote(source.index),
                        " is not carried: ", is_pypi ? "the default index is asked last" : "no such source is carried"),
                    source.origin);
    }
    item.source.reset();
  }
}

Result<PoetryDependency> PoetryDependencies::read_item(const pep::Name& name, const std::string& written,
                                                       const toml::Value& value, const std::string& what) {
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

Result<std::vector<PoetryDependency>> PoetryDependencies::read(const toml::TableEntry& entry, const std::string& what) {
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
void PoetryDependencies::separate_sources(std::vector<Item>& items) {
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

}  // namespace pkg::ops
