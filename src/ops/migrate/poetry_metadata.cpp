#include "ops/migrate/poetry_metadata.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "base/text.h"
#include "ops/migrate/import_values.h"

namespace pkg::ops {
namespace {

class Metadata {
 public:
  Metadata(const toml::Value& root, const toml::Value& table, const pep::TomlReader& reader, ImportedProject& project)
      : root_(root), table_(table), reader_(reader), project_(project) {}

  Status read() {
    PKG_TRY(read_fields());
    PKG_TRY(read_scripts());
    read_rest();
    return ok_status();
  }

 private:
  Status copy_text(std::string_view key, std::string_view as) {
    const auto* value = table_.get(key);
    if (value == nullptr) return ok_status();
    PKG_TRY_ASSIGN(const auto text, reader_.text(*value, cat("tool.poetry.", key)));
    if (!text.empty()) project_.metadata.emplace_back(as, toml::quote_string(text));
    return ok_status();
  }

  using Write = std::string(const std::vector<std::string>&);
  Status copy_list(std::string_view key, Write* write) {
    const auto* value = table_.get(key);
    if (value == nullptr) return ok_status();
    PKG_TRY_ASSIGN(const auto texts, reader_.texts(*value, cat("tool.poetry.", key)));
    if (!texts.empty()) project_.metadata.emplace_back(key, write(texts));
    return ok_status();
  }

  Status read_version() {
    const auto* plugin = value_at(root_, {"tool", "poetry-dynamic-versioning"});
    if (plugin == nullptr || !is_true(*plugin, "enable")) return copy_text("version", "version");
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

  Status read_fields() {
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
    PKG_TRY(copy_list("authors", people_array));
    PKG_TRY(copy_list("maintainers", people_array));
    PKG_TRY(copy_list("keywords", toml_array));
    PKG_TRY(copy_list("classifiers", toml_array));
    PKG_TRY(read_urls());
    const auto* mode = table_.get("package-mode");
    if (mode != nullptr && mode->as_bool() != nullptr && !*mode->as_bool())
      project_.settings.emplace_back("package", "false");
    return ok_status();
  }
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
  const pep::TomlReader& reader_;
  ImportedProject& project_;
};

}  // namespace

Status read_poetry_metadata(const toml::Value& root, const toml::Value& table, const pep::TomlReader& reader,
                            ImportedProject& project) {
  return Metadata(root, table, reader, project).read();
}

}  // namespace pkg::ops
