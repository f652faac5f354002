#include "ops/migrate/import_text.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "base/text.h"
#include "base/toml.h"
#include "ops/edit/edit_sources.h"
#include "ops/migrate/import_values.h"
#include "pep/pyproject.h"
#include "pep/pyproject_edit.h"
#include "pep/toml_array_edit.h"
#include "pep/toml_insert.h"
#include "pep/toml_scan.h"

namespace pkg::ops {
namespace {

using Path = std::vector<std::string>;
using Lines = std::vector<std::string>;

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// The order in which people write [project].
constexpr std::array<std::string_view, 10> kOrder{"version", "description", "readme",   "requires-python", "license",
                                                  "authors", "maintainers", "keywords", "classifiers",     "dynamic"};

std::string key_line(std::string_view key, std::string_view value) { return cat(toml::quote_key(key), " = ", value); }

Lines lines_of(const TomlEntries& entries) {
  Lines lines;
  for (const auto& [key, value] : entries) lines.push_back(key_line(key, value));
  return lines;
}

std::string requirements_array(const std::vector<pep::Requirement>& requirements, const Lines& includes = {}) {
  if (requirements.empty() && includes.empty()) return "[]";
  std::string text = "[\n";
  for (const auto& name : includes) append(text, "    { include-group = ", toml::quote_string(name), " },\n");
  for (const auto& requirement : requirements) {
    const auto written = pep::written_form(requirement);
    // Markers have double quotes: literal strings spare the escapes.
    const bool is_literal = written.find('"') != std::string::npos && written.find('\'') == std::string::npos &&
                            std::ranges::none_of(written, [](unsigned char c) { return c < 0x20 || c == 0x7F; });
    append(text, "    ", is_literal ? cat('\'', written, '\'') : toml::quote_string(written), ",\n");
  }
  return text + "]";
}

std::string source_text(const Source& source) {
  auto table = source_table(source);
  if (source.marker.is_trivial()) return table;
  table.resize(table.size() - 2);  // " }"
  return cat(table, ", marker = ", toml::quote_string(source.marker.to_string()), " }");
}

std::string sources_text(const std::vector<Source>& sources) {
  if (sources.size() == 1) return source_text(sources.front());
  std::string text = "[\n";
  for (const auto& source : sources) append(text, "    ", source_text(source), ",\n");
  return text + "]";
}

// All that `before` says stands in `after`, too; arrays may have more.
bool is_kept(const toml::Value& before, const toml::Value& after) {
  if (const auto* members = before.as_table()) {
    return after.as_table() != nullptr && std::ranges::all_of(*members, [&](const toml::TableEntry& entry) {
             const auto* now = after.get(entry.first);
             return entry.first == "dynamic" || (now != nullptr && is_kept(entry.second, *now));
           });
  }
  const auto *items = before.as_array(), *now = after.as_array();
  if (items == nullptr) return pep::same_content(before, after);
  if (now == nullptr || now->size() < items->size()) return false;
  if (now->size() == items->size()) return pep::same_content(before, after);
  return std::ranges::all_of(*items, [&](const toml::Value& item) {
    return std::ranges::any_of(*now, [&](const toml::Value& other) { return pep::same_content(item, other); });
  });
}

std::string valid_name(std::string_view text) {
  std::string name;
  for (const char c : text) name.push_back(is_ascii_alnum(c) || c == '_' || c == '.' ? c : '-');
  const auto is_edge = [](char c) { return !is_ascii_alnum(c); };
  while (!name.empty() && is_edge(name.back())) name.pop_back();
  while (!name.empty() && is_edge(name.front())) name.erase(0, 1);
  return name.empty() ? "project" : name;
}

class Writer {
 public:
  Writer(const ImportedProject& project, std::string text, const std::string& file_name)
      : project_(project), text_(std::move(text)), file_(file_name) {}

  Status begin() {
    PKG_TRY_ASSIGN(root_, toml::parse(text_, file_));
    return ok_status();
  }

  Status write(std::string_view fallback_name) {
    PKG_TRY(write_project(fallback_name));
    PKG_TRY(write_lists());
    PKG_TRY(write_missing({"project", "urls"}, {"project"}, project_.urls));
    PKG_TRY(write_missing({"project", "scripts"}, {"project"}, project_.scripts));
    PKG_TRY(write_missing({"project", "gui-scripts"}, {"project"}, project_.gui_scripts));
    for (const auto& [group, entries] : project_.entry_points)
      PKG_TRY(write_missing({"project", "entry-points", group}, {"project"}, entries));
    if (root_.get("build-system") == nullptr)
      PKG_TRY(write_missing({"build-system"}, {"build-system"}, project_.build_system));
    PKG_TRY(write_tool());
    for (const auto& [path, entries] : project_.tables) PKG_TRY(write_missing(path, path, entries));
    return ok_status();
  }

  const toml::Value& root() const { return root_; }
  std::string take_text() { return std::move(text_); }
  std::vector<ImportNote> take_notes() { return std::move(notes_); }

 private:
  Error cannot_edit(std::string_view what) const {
    return make_error(ErrorKind::unsupported,
                      cat("cannot edit ", what, " of ", quote(file_), ": its form is not known"),
                      "edit the file by hand");
  }

  Status put(std::string text, std::string_view what) {
    auto root = toml::parse(text, file_);
    if (!root) return cannot_edit(what);
    text_ = std::move(text);
    root_ = std::move(root).value();
    return ok_status();
  }

  // The lines behind the last entry of `path`, in a table that may be new and then stands behind those of `family`.
  Status add_lines(const Path& path, const Path& family, const Lines& lines) {
    if (lines.empty()) return ok_status();
    const auto what = cat('[', join(path, "."), ']');
    const auto scan = pep::scan_toml(text_);
    const auto newline = pep::newline_of(text_);
    const auto block = replace_all(join(lines, "\n"), "\n", newline);
    const auto is_header = [&](const pep::ScannedHeader& one) { return one.path == path && !one.is_array; };
    const auto header = std::ranges::find_if(scan.headers, is_header);
    if (header != scan.headers.end())
      return put(pep::with_table_entry(text_, scan, static_cast<std::size_t>(header - scan.headers.begin()), block),
                 what);
    return put(pep::with_new_table(text_, scan, {path, family, false}, block), what);
  }

  // The value of a key that is there becomes another.
  Status replace_value(const Path& path, std::string_view value) {
    const auto scan = pep::scan_toml(text_);
    const auto entry = std::ranges::find(scan.entries, path, &pep::ScannedEntry::path);
    const auto what = quote(join(path, "."));
    if (entry == scan.entries.end()) return cannot_edit(what);
    const auto written = replace_all(value, "\n", pep::newline_of(text_));
    return put(cat(std::string_view(text_).substr(0, entry->value_begin), written,
                   std::string_view(text_).substr(entry->value_end)),
               what);
  }

  // Whether `path` says what `written` does, in TOML.
  static bool says(const toml::Value& there, const std::string& written) {
    const auto parsed = toml::parse("x = " + written, "value");
    return parsed && parsed->get("x") != nullptr && pep::same_content(there, *parsed->get("x"));
  }

  // Adds those entries that are not there; a note tells which stay as they are.
  Status write_missing(const Path& path, const Path& family, const TomlEntries& entries) {
    Lines lines;
    std::set<std::string> seen;
    for (const auto& [key, value] : entries) {
      if (!seen.insert(key).second) continue;
      auto whole = path;
      whole.push_back(key);
      const auto* there = value_at(root_, whole);
      if (there == nullptr)
        lines.push_back(key_line(key, value));
      else if (!says(*there, value))
        keep(join(whole, "."), *there);
    }
    return add_lines(path, family, lines);
  }

  void keep(const std::string& what, const toml::Value& there) {
    notes_.push_back({cat(quote(what), " stays as it is, and is not what ", quote(project_.manifest), " says"),
                      Origin{.file = file_, .what = {}, .line = there.line}});
  }

  // ---- [project]

  std::vector<std::string> old_dynamic() const {
    std::vector<std::string> fields;
    const auto* value = value_at(root_, {"project", "dynamic"});
    if (value == nullptr || value->as_array() == nullptr) return fields;
    for (const auto& item : *value->as_array())
      if (item.as_string() != nullptr) fields.push_back(*item.as_string());
    return fields;
  }

  bool has(std::string_view field) const { return value_at(root_, {"project", std::string(field)}) != nullptr; }

  // What [project] will give itself is dynamic no more; the rest stays.
  std::vector<std::string> new_dynamic(const std::vector<std::string>& old) const {
    std::vector<std::string> fields;
    const auto is_static_now = [&](std::string_view field) {
      if (field == "dependencies") return !project_.dependencies.empty();
      if (field == "optional-dependencies") return !project_.extras.empty();
      return field == "requires-python" && metadata(field) != nullptr;
    };
    for (const auto& field : old)
      if (!is_static_now(field)) fields.push_back(field);
    for (const auto& field : project_.dynamic)
      if (!has(field) && std::ranges::find(fields, field) == fields.end()) fields.push_back(field);
    return fields;
  }

  const std::string* metadata(std::string_view key) const {
    const auto found = std::ranges::find_if(project_.metadata, [&](const auto& entry) { return entry.first == key; });
    return found == project_.metadata.end() ? nullptr : &found->second;
  }

  bool is_version(const std::string& written) {
    const auto parsed = toml::parse("x = " + written, "value");
    const auto* text = parsed ? parsed->get("x")->as_string() : nullptr;
    if (text != nullptr && pep::Version::try_parse(*text)) return true;
    notes_.push_back({cat("the version ", written, " is not carried: it is none that Python packages may have"), {}});
    return false;
  }

  TomlEntries project_entries(const std::vector<std::string>& dynamic) {
    TomlEntries entries;
    const auto is_dynamic = [&](std::string_view key) { return std::ranges::find(dynamic, key) != dynamic.end(); };
    for (const auto key : kOrder) {
      const auto* value = metadata(key);
      if (key == "version" && !has(key) && !is_dynamic(key)) {
        const bool is_known = value != nullptr && is_version(*value);
        entries.emplace_back(key, is_known ? *value : std::string("\"0.1.0\""));
      } else if (key == "dynamic") {
        if (!dynamic.empty() && !has(key)) entries.emplace_back(key, toml_array(dynamic));
      } else if (value != nullptr && !is_dynamic(key)) {
        entries.emplace_back(key, *value);
      }
    }
    return entries;
  }

  std::string name_for(std::string_view fallback_name) {
    if (pep::is_valid_name(project_.name)) return project_.name;
    const auto name = valid_name(project_.name.empty() ? fallback_name : std::string_view(project_.name));
    if (!project_.name.empty())
      notes_.push_back({cat(quote(project_.name), " is no name of a project: it is called ", quote(name)), {}});
    return name;
  }

  Status write_project(std::string_view fallback_name) {
    const auto old = old_dynamic();
    const auto dynamic = new_dynamic(old);
    const bool is_new = root_.get("project") == nullptr;
    if (is_new) {
      auto entries = project_entries(dynamic);
      entries.insert(entries.begin(), {"name", toml::quote_string(name_for(fallback_name))});
      if (std::ranges::find(dynamic, "dependencies") == dynamic.end())
        entries.emplace_back("dependencies", requirements_array(project_.dependencies));
      return put(with_project(lines_of(entries)), "[project]");
    }
    const bool lacks_version = !has("version") && std::ranges::find(dynamic, "version") == dynamic.end();
    PKG_TRY(write_missing({"project"}, {"project"}, project_entries(dynamic)));
    if (lacks_version && metadata("version") == nullptr)
      notes_.push_back({"[project] had no `version`: it is 0.1.0", {}});
    if (dynamic != old && has("dynamic")) PKG_TRY(replace_value({"project", "dynamic"}, toml_array(dynamic)));
    return ok_status();
  }

  // On top, where people look for it, unless keys stand there.
  std::string with_project(const Lines& lines) const {
    const auto scan = pep::scan_toml(text_);
    const auto newline = pep::newline_of(text_);
    const auto block = replace_all(join(lines, "\n"), "\n", newline);
    const bool has_top_keys = std::ranges::any_of(
        scan.entries, [](const pep::ScannedEntry& one) { return one.header == pep::ScannedEntry::kNoHeader; });
    if (has_top_keys) return pep::with_new_table(text_, scan, {{"project"}, {"project"}, false}, block);
    std::string_view rest = text_;
    const bool has_mark = rest.starts_with(kByteOrderMark);
    if (has_mark) rest.remove_prefix(kByteOrderMark.size());
    return cat(has_mark ? kByteOrderMark : "", "[project]", newline, block, newline, rest.empty() ? "" : newline, rest);
  }

  // ---- lists of requirements

  // Whether the list is there as it is to be; conflict: with other requirements.
  Result<bool> is_there(const pep::DependencyList& list, const ImportedList& imported, const toml::Value& there) const {
    const auto& wanted = imported.requirements;
    PKG_TRY_ASSIGN(const auto items, pep::listed_requirements(text_, list, file_));
    if (items.empty()) return wanted.empty() && imported.includes.empty();
    if (wanted.empty()) return true;
    const auto is_listed = [&](const pep::Requirement& requirement) {
      return std::ranges::find(items, std::optional(requirement)) != items.end();
    };
    // Items that include another group are no requirements.
    const auto count = std::ranges::count_if(items, [](const auto& item) { return item.has_value(); });
    if (static_cast<std::size_t>(count) == wanted.size() && std::ranges::all_of(wanted, is_listed)) return true;
    return make_error(ErrorKind::conflict,
                      cat(quote(file_), " has ", quote(to_string(list)), " of its own (line ", there.line,
                          "), and so has ", quote(project_.manifest)),
                      "take one of them out, or add what is missing with `pkg add`");
  }

  Status write_list(const pep::DependencyList& list, const Path& table, const std::string& key,
                    const ImportedList& imported) {
    const auto* members = value_at(root_, table);
    if (members != nullptr && members->as_table() != nullptr) {
      for (const auto& [other, there] : *members->as_table()) {
        if (pep::normalize_name(other) != pep::normalize_name(key)) continue;
        PKG_TRY_ASSIGN(const bool is_done, is_there(list, imported, there));
        auto path = table;
        path.push_back(other);
        return is_done ? ok_status()
                       : replace_value(path, requirements_array(imported.requirements, imported.includes));
      }
    }
    new_lists_.push_back(key_line(key, requirements_array(imported.requirements, imported.includes)));
    return ok_status();
  }

  Status flush_lists(const Path& table) {
    const auto lines = std::exchange(new_lists_, {});
    return add_lines(table, {"project"}, lines);
  }

  // Each is looked for among those that are there: the lists of one table at once.
  Status write_lists() {
    using Kind = pep::DependencyList::Kind;
    if (project_.only_enriches) {
      for (const auto& requirement : project_.dependencies) {
        PKG_TRY_ASSIGN(auto text, pep::insert_requirement(text_, {}, requirement, file_));
        PKG_TRY(put(std::move(text), "project.dependencies"));
      }
    } else if (!project_.dependencies.empty()) {
      PKG_TRY(write_list({}, {"project"}, "dependencies", {"dependencies", project_.dependencies, {}}));
      PKG_TRY(flush_lists({"project"}));
    }
    for (const auto& extra : project_.extras)
      PKG_TRY(write_list({Kind::extra, extra.name}, {"project", "optional-dependencies"}, extra.name, extra));
    PKG_TRY(flush_lists({"project", "optional-dependencies"}));
    for (auto group : project_.groups) {
      drop_unknown(group);
      PKG_TRY(write_list({Kind::group, group.name}, {"dependency-groups"}, group.name, group));
    }
    return flush_lists({"dependency-groups"});
  }

  void drop_unknown(ImportedList& group) {
    std::erase_if(group.includes, [&](const std::string& name) {
      const auto is_it = [&](const ImportedList& one) {
        return pep::normalize_name(one.name) == pep::normalize_name(name);
      };
      const bool is_known =
          std::ranges::any_of(project_.groups, is_it) || value_at(root_, {"dependency-groups", name}) != nullptr;
      if (!is_known)
        notes_.push_back({cat("the group ", quote(group.name), " includes ", quote(name), ", which is no group"), {}});
      return !is_known;
    });
  }

  // ---- [tool.pkg]

  Status write_tool() {
    const Path tool{"tool", "pkg"};
    auto settings = project_.settings;
    for (const auto& [key, values] : project_.list_settings) settings.emplace_back(key, toml_array(values));
    PKG_TRY(write_missing(tool, tool, settings));
    TomlEntries prereleases;
    for (const auto& [name, value] : project_.prereleases)
      prereleases.emplace_back(name.str(), toml::quote_string(value));
    PKG_TRY(write_missing({"tool", "pkg", "prerelease-package"}, tool, prereleases));
    TomlEntries sources;
    for (const auto& [name, list] : project_.sources)
      if (!list.empty()) sources.emplace_back(name.str(), sources_text(list));
    PKG_TRY(write_missing({"tool", "pkg", "sources"}, tool, sources));
    return write_indexes();
  }

  bool has_index(std::string_view name) const {
    const auto* list = value_at(root_, {"tool", "pkg", "index"});
    if (list == nullptr || list->as_array() == nullptr) return false;
    return std::ranges::any_of(*list->as_array(), [&](const toml::Value& item) {
      const auto* value = item.get("name");
      return value != nullptr && value->as_string() != nullptr && *value->as_string() == name;
    });
  }

  Status write_indexes() {
    const auto newline = pep::newline_of(text_);
    auto text = text_;
    for (const auto& index : project_.indexes) {
      if (has_index(index.name)) continue;
      if (!text.empty() && text.back() != '\n') text += newline;
      append(text, newline, "[[tool.pkg.index]]", newline, "name = ", toml::quote_string(index.name), newline,
             "url = ", toml::quote_string(index.url), newline);
      if (index.is_explicit) append(text, "explicit = true", newline);
      if (index.is_default) append(text, "default = true", newline);
    }
    return text == text_ ? ok_status() : put(std::move(text), "[[tool.pkg.index]]");
  }

  const ImportedProject& project_;
  std::string text_;
  const std::string& file_;
  toml::Value root_;
  Lines new_lists_;
  std::vector<ImportNote> notes_;
};

Status check(const std::string& text, const toml::Value& before, const toml::Value& after,
             const std::string& file_name) {
  if (!is_kept(before, after))
    return make_error(ErrorKind::unsupported, cat("cannot edit ", quote(file_name), ": its form is not known"),
                      "edit the file by hand");
  PKG_TRY_ASSIGN(const auto pyproject, pep::Pyproject::parse(text, file_name));
  PKG_TRY(pep::all_dependency_groups(pyproject, file_name));
  PKG_TRY(parse_project_settings(pyproject, file_name));
  return ok_status();
}

}  // namespace

Result<ImportText> import_text(const ImportedProject& project, const std::optional<std::string>& old,
                               const std::string& file_name, std::string_view fallback_name) {
  Writer writer(project, old.value_or(std::string()), file_name);
  PKG_TRY(writer.begin());
  const auto before = writer.root();
  PKG_TRY(writer.write(fallback_name));
  const auto after = writer.root();
  ImportText result{writer.take_text(), writer.take_notes()};
  PKG_TRY(check(result.text, before, after, file_name).with([&] {
    return cat("while writing what ", quote(project.manifest), " says");
  }));
  return result;
}

}  // namespace pkg::ops
