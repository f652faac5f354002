#include "ops/migrate/from_pdm.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "base/url.h"
#include "ops/migrate/import_values.h"
#include "ops/project/settings_table.h"
#include "pep/toml_reader.h"

namespace pkg::ops {
namespace {

class Pdm {
 public:
  Pdm(const toml::Value& root, const toml::Value& table, const std::string& file, const ImportPlace& place)
      : root_(root), table_(table), reader_(file), place_(place) {
    project_.tool = "PDM";
    project_.manifest = file;
    project_.files.push_back(file);
  }

  Result<ImportedProject> read() {
    PKG_TRY(read_sources());
    PKG_TRY(read_groups());
    PKG_TRY(read_resolution());
    PKG_TRY(read_distribution());
    read_rest();
    return std::move(project_);
  }

 private:
  Result<std::string> text_at(const toml::Value& item, std::string_view key, std::string_view what) const {
    const auto* value = item.get(key);
    return value == nullptr ? Result<std::string>(std::string()) : reader_.text(*value, cat(what, '.', key));
  }

  // ---- sources

  Status bind(const toml::Value& item, const std::string& index) {
    const auto* names = item.get("include_packages");
    if (names == nullptr) return ok_status();
    PKG_TRY_ASSIGN(const auto texts, reader_.texts(*names, "tool.pdm.source.include_packages"));
    for (const auto& text : texts) {
      auto name = pep::Name::parse(text);
      if (!name || !has_index(project_, index)) {
        project_.note(cat("that ", quote(text), " comes from the source ", quote(index), " is not carried",
                          name ? "" : ": a pattern is no name"),
                      reader_.origin(*names));
        continue;
      }
      Source source;
      source.index = index;
      source.origin = reader_.origin(*names);
      add_source(project_, *name, std::move(source));
    }
    return ok_status();
  }

  Status read_source(const toml::Value& item) {
    constexpr std::string_view kWhat = "tool.pdm.source";
    const auto origin = reader_.origin(item);
    ImportedIndex index;
    PKG_TRY_ASSIGN(index.name, text_at(item, "name", kWhat));
    PKG_TRY_ASSIGN(index.url, text_at(item, "url", kWhat));
    PKG_TRY_ASSIGN(const auto type, text_at(item, "type", kWhat));
    if (index.url.empty()) {
      project_.note(cat("the source ", quote(index.name), " has no `url`, and is not carried"), origin);
      return ok_status();
    }
    const auto name = index.name;
    if (type == "find_links") {
      links_.push_back(url::is_url(index.url) ? index.url : moved_path(index.url, place_.folder, place_));
      return ok_status();
    }
    index.is_default = index.name == "pypi";  // PDM's own name for the index that it asks by itself
    add_index(project_, place_, std::move(index), origin);
    const auto* verify = item.get("verify_ssl");
    if (verify != nullptr && verify->as_bool() != nullptr && !*verify->as_bool())
      project_.note(cat("`verify_ssl` of ", quote(name),
                        " is not carried: whom to trust is the user's to say "
                        "(--trusted-host)"),
                    origin);
    if (item.get("exclude_packages") != nullptr)
      project_.note(cat("`exclude_packages` of ", quote(name), " is not carried"), origin);
    return bind(item, name);
  }

  Status read_sources() {
    const auto* list = table_.get("source");
    if (list == nullptr) return ok_status();
    if (list->as_array() == nullptr) return reader_.wrong_type(*list, "tool.pdm.source", "[[tool.pdm.source]] tables");
    for (const auto& item : *list->as_array()) PKG_TRY(read_source(item));
    if (!links_.empty()) project_.list_settings["find-links"] = links_;
    return ok_status();
  }

  // ---- groups

  void take_line(const std::string& text, const Origin& origin, ImportedList& list) {
    auto rest = trim(text);
    const bool is_editable = rest.starts_with("-e ") || rest.starts_with("--editable ");
    if (is_editable) rest = trim(rest.substr(rest.find(' ')));
    // "file:///${PROJECT_ROOT}/lib": the folder of the pyproject.toml
    auto line = replace_all(rest, "file:///${PROJECT_ROOT}", url::path_to_file_url(place_.folder.native()));
    auto imported = import_line(line, is_editable, origin, place_.folder, place_, project_);
    if (!imported) return;
    if (imported->source) add_source(project_, imported->requirement.name, std::move(*imported->source));
    list.requirements.push_back(std::move(imported->requirement));
  }

  Status read_groups() {
    std::vector<std::string> defaults;
    const auto* standard = root_.get("dependency-groups");
    if (standard != nullptr && standard->as_table() != nullptr)
      for (const auto& [name, unused] : *standard->as_table()) defaults.push_back(name);
    bool has_dev = standard != nullptr && standard->get("dev") != nullptr;
    if (const auto* groups = table_.get("dev-dependencies")) {
      if (groups->as_table() == nullptr) return reader_.wrong_type(*groups, "tool.pdm.dev-dependencies", "a table");
      for (const auto& [name, value] : *groups->as_table()) {
        if (!pep::is_valid_name(name)) return reader_.wrong(value, cat(quote(name), " is no name for a group"));
        PKG_TRY_ASSIGN(const auto lines, reader_.texts(value, cat("tool.pdm.dev-dependencies.", name)));
        ImportedList list{name, {}, {}};
        for (const auto& line : lines) take_line(line, reader_.origin(value), list);
        project_.groups.push_back(std::move(list));
        defaults.push_back(name);
        has_dev = has_dev || name == "dev";
      }
    }
    set_default_groups(project_, std::move(defaults), has_dev);
    return ok_status();
  }

  // ---- resolution

  Status read_overrides(const toml::Value& value) {
    if (value.as_table() == nullptr) return reader_.wrong_type(value, "tool.pdm.resolution.overrides", "a table");
    std::vector<std::string> overrides;
    for (const auto& entry : *value.as_table()) {
      PKG_TRY_ASSIGN(const auto text, reader_.text(entry.second, cat("tool.pdm.resolution.overrides.", entry.first)));
      const bool is_version = !text.empty() && is_ascii_digit(text.front());
      const auto written = url::is_url(text) || text.starts_with("git+")
                               ? cat(entry.first, " @ ", text)
                               : cat(entry.first, is_version ? "==" : "", text);
      const auto requirement = pep::Requirement::parse(text == "*" ? entry.first : written);
      if (requirement)
        overrides.push_back(text == "*" ? entry.first : written);
      else
        project_.note(cat("the override ", quote(written), " is not carried: it is no requirement"),
                      reader_.origin(entry.second));
    }
    if (!overrides.empty()) project_.list_settings["override-dependencies"] = overrides;
    return ok_status();
  }

  Status read_resolution() {
    const auto* resolution = table_.get("resolution");
    if (resolution == nullptr) return ok_status();
    if (resolution->as_table() == nullptr) return reader_.wrong_type(*resolution, "tool.pdm.resolution", "a table");
    for (const auto& [key, value] : *resolution->as_table()) {
      if (key == "overrides") {
        PKG_TRY(read_overrides(value));
      } else if (key == "excludes") {
        PKG_TRY_ASSIGN(const auto names, reader_.texts(value, "tool.pdm.resolution.excludes"));
        if (!names.empty()) project_.list_settings["exclude-dependencies"] = names;
      } else if (key == "allow-prereleases") {
        PKG_TRY_ASSIGN(const bool is_allowed, reader_.truth(value, "tool.pdm.resolution.allow-prereleases"));
        if (is_allowed) project_.settings.emplace_back("prerelease", "\"allow\"");
      } else {
        project_.note(cat("`", key, "` of [tool.pdm.resolution] is not carried"), reader_.origin(value));
      }
    }
    return ok_status();
  }

  Status read_distribution() {
    const auto* value = table_.get("distribution");
    if (value == nullptr) return ok_status();
    PKG_TRY_ASSIGN(const bool is_package, reader_.truth(*value, "tool.pdm.distribution"));
    project_.settings.emplace_back("package", is_package ? "true" : "false");
    return ok_status();
  }

  void read_rest() {
    for (const auto& [key, why] : std::initializer_list<std::pair<std::string_view, std::string_view>>{
             {"version", "stays in [tool.pdm], where pdm-backend reads it when the project is built"},
             {"build", "stays in [tool.pdm], where pdm-backend reads it when the project is built"},
             {"scripts", "is not carried: `pkg run` takes commands as they are"},
             {"options", "is not carried: it holds options of `pdm` commands"},
             {"plugins", "is not carried: it is about PDM itself"},
             {"ignore_package_warnings", "is not carried: it is about PDM itself"}}) {
      if (const auto* value = table_.get(key)) project_.note(cat("`", key, "` ", why), reader_.origin(*value));
    }
    const auto* listed = root_.get("project");
    const auto* dependencies = listed == nullptr ? nullptr : listed->get("dependencies");
    if (dependencies == nullptr || dependencies->as_array() == nullptr) return;
    for (const auto& item : *dependencies->as_array()) {
      if (item.as_string() != nullptr && item.as_string()->find("${PROJECT_ROOT}") != std::string::npos)
        project_.note(cat(quote(*item.as_string()),
                          " stays as it is, and pkg does not know `${PROJECT_ROOT}`: put the "
                          "path into [tool.pkg.sources]"),
                      reader_.origin(item));
    }
  }

  const toml::Value &root_, &table_;
  pep::TomlReader reader_;
  const ImportPlace& place_;
  ImportedProject project_;
  std::vector<std::string> links_;
};

}  // namespace

Result<ImportedProject> import_pdm(const toml::Value& root, const std::string& file_name, const ImportPlace& place) {
  const auto* table = tool_entry(root, "pdm");
  if (table == nullptr || table->as_table() == nullptr)
    return make_error(ErrorKind::not_found, cat(quote(file_name), " has no [tool.pdm]"));
  return Pdm(root, *table, file_name, place).read();
}

}  // namespace pkg::ops
