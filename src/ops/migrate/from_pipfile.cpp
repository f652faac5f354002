#include "ops/migrate/from_pipfile.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "base/toml.h"
#include "base/url.h"
#include "ops/migrate/import_values.h"
#include "pep/toml_reader.h"

namespace pkg::ops {
namespace {

// Keys of a package that are markers: `sys_platform = "== 'win32'"`.
bool is_marker_key(std::string_view key) {
  for (int i = 0; i <= static_cast<int>(pep::MarkerVariable::implementation_version); ++i)
    if (pep::to_string(static_cast<pep::MarkerVariable>(i)) == key) return true;
  return false;
}

constexpr std::array<std::string_view, 4> kOtherTables{"source", "requires", "scripts", "pipenv"};

class Pipfile {
 public:
  Pipfile(const std::string& file, const std::filesystem::path& folder, const ImportPlace& place)
      : reader_(file), folder_(folder), place_(place) {
    project_.tool = "Pipenv";
    project_.manifest = file;
    project_.files.push_back(file);
  }

  Result<ImportedProject> read(const toml::Value& root) {
    PKG_TRY(read_sources(root.get("source")));
    PKG_TRY(read_requires(root.get("requires")));
    PKG_TRY(read_options(root.get("pipenv")));
    for (const auto& [key, value] : *root.as_table()) {
      if (std::ranges::find(kOtherTables, key) != kOtherTables.end()) continue;
      PKG_TRY(read_category(key, value));
    }
    if (const auto* scripts = root.get("scripts"))
      project_.note("[scripts] is not carried: `pkg run` takes commands as they are", reader_.origin(*scripts));
    return std::move(project_);
  }

 private:
  // ---- sources: the first is asked for everything, others for what names them

  Status read_sources(const toml::Value* list) {
    if (list == nullptr) return ok_status();
    if (list->as_array() == nullptr) return reader_.wrong_type(*list, "source", "[[source]] tables");
    bool is_first = true;
    for (const auto& item : *list->as_array()) {
      ImportedIndex index;
      if (const auto* name = item.get("name")) {
        PKG_TRY_ASSIGN(index.name, reader_.text(*name, "source.name"));
      }
      const auto* url = item.get("url");
      if (url == nullptr) return reader_.wrong(item, "[[source]] lacks `url`");
      PKG_TRY_ASSIGN(index.url, reader_.text(*url, "source.url"));
      if (index.name.empty()) index.name = is_first ? "default" : cat("source-", project_.indexes.size() + 1);
      index.is_default = is_first;
      index.is_explicit = !is_first;
      if (is_first && !is_default_index(index.url, place_)) first_ = index.name;
      if (is_default_index(index.url, place_)) default_names_.push_back(index.name);
      is_first = false;
      const auto name = index.name;
      add_index(project_, place_, std::move(index), reader_.origin(item));
      const auto* verify = item.get("verify_ssl");
      if (verify != nullptr && verify->as_bool() != nullptr && !*verify->as_bool())
        project_.note(cat("`verify_ssl` of ", quote(name),
                          " is not carried: whom to trust is the user's to say "
                          "(--trusted-host)"),
                      reader_.origin(*verify));
    }
    return ok_status();
  }

  Status read_requires(const toml::Value* table) {
    if (table == nullptr) return ok_status();
    if (table->as_table() == nullptr) return reader_.wrong_type(*table, "requires", "a table");
    for (const auto& [key, value] : *table->as_table()) {
      if (key != "python_version" && key != "python_full_version") {
        project_.note(cat("`", key, "` of [requires] is not carried"), reader_.origin(value));
        continue;
      }
      PKG_TRY_ASSIGN(const auto text, reader_.text(value, cat("requires.", key)));
      if (text == "*") continue;
      const auto written = is_ascii_digit(text.empty() ? ' ' : text.front())
                               ? cat("==", text, key == "python_version" ? ".*" : "")
                               : text;
      if (!pep::SpecifierSet::try_parse(written))
        return reader_.wrong(value, cat(quote(text), " is no version of Python"));
      std::erase_if(project_.metadata, [](const auto& entry) { return entry.first == "requires-python"; });
      project_.metadata.emplace_back("requires-python", toml::quote_string(written));
    }
    return ok_status();
  }

  Status read_options(const toml::Value* table) {
    if (table == nullptr || table->as_table() == nullptr) return ok_status();
    for (const auto& [key, value] : *table->as_table()) {
      const auto* truth = value.as_bool();
      if (key == "allow_prereleases" && truth != nullptr) {
        if (*truth) project_.settings.emplace_back("prerelease", "\"allow\"");
      } else {
        project_.note(cat("`", key, "` of [pipenv] is not carried"), reader_.origin(value));
      }
    }
    return ok_status();
  }

  // ---- packages

  struct Item {
    pep::Requirement requirement;
    std::optional<Source> source;
    std::string ref, other_vcs, other_url;  // of hg, svn, bzr
  };

  Status set_versions(const toml::Value& value, const std::string& what, Item& item) {
    PKG_TRY_ASSIGN(const auto text, reader_.text(value, what));
    if (text == "*" || text.empty()) return ok_status();
    const auto written = is_ascii_digit(text.front()) ? cat("==", text) : text;
    auto specifiers = pep::SpecifierSet::try_parse(written);
    if (!specifiers) return reader_.wrong(value, cat(quote(text), " is no version specifier"));
    item.requirement.specifiers = *std::move(specifiers);
    return ok_status();
  }

  Status add_marker(const std::string& text, const toml::Value& value, Item& item) {
    auto marker = pep::Marker::parse(text);
    if (!marker) return reader_.wrong(value, cat(quote(text), " is no marker"));
    item.requirement.marker = pep::both(item.requirement.marker, *marker);
    return ok_status();
  }

  Source& source_of(Item& item) {
    if (!item.source) item.source.emplace();
    return *item.source;
  }

  Status read_place(std::string_view key, const std::string& text, Item& item) {
    if (key == "git") {
      source_of(item).git = text.starts_with("git+") ? text.substr(4) : text;
    } else if (key == "ref") {
      item.ref = text;
    } else if (key == "subdirectory") {
      source_of(item).subdirectory = text;
    } else if (key == "index") {
      source_of(item).index = text;
    } else if (key == "path" || (key == "file" && !url::is_url(text))) {
      source_of(item).path = moved_path(text, folder_, place_);
    } else if (key == "file") {
      source_of(item).url = text;
    } else {
      item.other_vcs = key;
      item.other_url = text;
    }
    return ok_status();
  }

  Status read_key(const toml::TableEntry& entry, const std::string& what, Item& item) {
    constexpr std::array<std::string_view, 9> kPlaces{"git",  "ref", "subdirectory", "index", "path",
                                                      "file", "hg",  "svn",          "bzr"};
    const auto& [key, value] = entry;
    const auto name = cat(what, '.', key);
    if (key == "version") return set_versions(value, name, item);
    if (key == "markers") {
      PKG_TRY_ASSIGN(const auto text, reader_.text(value, name));
      return add_marker(text, value, item);
    }
    if (is_marker_key(key)) {
      PKG_TRY_ASSIGN(const auto text, reader_.text(value, name));
      return add_marker(cat(key, ' ', text), value, item);
    }
    if (key == "extras") {
      PKG_TRY_ASSIGN(item.requirement.extras, reader_.names(value, name));
      std::ranges::sort(item.requirement.extras);
      return ok_status();
    }
    if (key == "editable") {
      PKG_TRY_ASSIGN(editable_, reader_.truth(value, name));
      return ok_status();
    }
    if (std::ranges::find(kPlaces, key) != kPlaces.end()) {
      PKG_TRY_ASSIGN(const auto text, reader_.text(value, name));
      return read_place(key, text, item);
    }
    project_.note(cat("`", key, "` of ", quote(item.requirement.name.str()), " is not carried"), reader_.origin(value));
    return ok_status();
  }

  // An index that is the first one is asked anyhow.
  void settle_source(Item& item, const toml::Value& value) {
    if (!item.other_url.empty()) {
      const auto prefix = cat(item.other_vcs, '+');
      item.requirement.specifiers = {};
      item.requirement.url =
          cat(item.other_url.starts_with(prefix) ? "" : prefix, item.other_url, item.ref.empty() ? "" : "@", item.ref);
    }
    if (!item.source) return;
    auto& source = *item.source;
    source.origin = reader_.origin(value);
    source.editable = editable_ && !source.path.empty();
    if (!source.git.empty()) source.rev = item.ref;
    const bool has_place = !source.git.empty() || !source.url.empty() || !source.path.empty();
    if (has_place) source.index.clear();
    if (has_place) return;
    const bool is_asked_anyhow = source.index.empty() || source.index == first_ ||
                                 std::ranges::find(default_names_, source.index) != default_names_.end();
    if (!is_asked_anyhow && !has_index(project_, source.index))
      project_.note(cat("that ", quote(item.requirement.name.str()), " comes from the source ", quote(source.index),
                        " is not carried: no such source is carried"),
                    source.origin);
    if (is_asked_anyhow || !has_index(project_, source.index)) item.source.reset();
  }

  Status read_package(const toml::TableEntry& entry, const std::string& category, std::vector<pep::Requirement>& list) {
    const auto& [key, value] = entry;
    const auto what = cat(category, '.', key);
    Item item;
    PKG_TRY_ASSIGN(item.requirement.name, reader_.key_name(entry, category));
    item.requirement.name_as_written = key;
    item.requirement.origin = reader_.origin(value);
    editable_ = false;
    if (value.as_string() != nullptr) {
      PKG_TRY(set_versions(value, what, item));
    } else if (value.as_table() != nullptr) {
      for (const auto& one : *value.as_table()) PKG_TRY(read_key(one, what, item));
      settle_source(item, value);
    } else {
      return reader_.wrong_type(value, what, "a version or a table");
    }
    if (item.source && !item.source->path.empty() && is_project_folder(item.source->path, place_.folder, place_)) {
      project_.note(cat(quote(key), " is the project itself, and no dependency of it"), item.source->origin);
      return ok_status();
    }
    if (item.source) add_source(project_, item.requirement.name, std::move(*item.source));
    list.push_back(std::move(item.requirement));
    return ok_status();
  }

  Status read_category(const std::string& key, const toml::Value& value) {
    if (value.as_table() == nullptr) return reader_.wrong_type(value, key, "a table of packages");
    auto name = key == "dev-packages" ? std::string("dev") : key;
    if (name.ends_with("-packages") && name.size() > 9) name.resize(name.size() - 9);
    if (!pep::is_valid_name(name)) return reader_.wrong(value, cat(quote(key), " is no name for a group"));
    ImportedList group{name, {}, {}};
    auto& list = key == "packages" ? project_.dependencies : group.requirements;
    for (const auto& entry : *value.as_table()) PKG_TRY(read_package(entry, key, list));
    if (key != "packages" && !group.requirements.empty()) project_.groups.push_back(std::move(group));
    return ok_status();
  }

  pep::TomlReader reader_;
  const std::filesystem::path& folder_;
  const ImportPlace& place_;
  ImportedProject project_;
  std::string first_;
  std::vector<std::string> default_names_;  // sources that are the default index
  bool editable_ = false;
};

}  // namespace

Result<ImportedProject> import_pipfile(std::string_view text, const std::string& file_name,
                                       const std::filesystem::path& folder, const ImportPlace& place) {
  PKG_TRY_ASSIGN(const auto root, toml::parse(text, file_name));
  return Pipfile(file_name, folder, place).read(root);
}

void name_revisions(const ImportedProject& project, lock::LockFile& pins) {
  for (auto& package : pins.packages) {
    const auto found = project.sources.find(package.name);
    if (!package.vcs || found == project.sources.end()) continue;
    for (const auto& source : found->second)
      if (source.git == package.vcs->url) package.vcs->requested_revision = source.rev;
  }
}

}  // namespace pkg::ops
