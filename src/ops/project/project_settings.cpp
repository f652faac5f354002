// [tool.pkg] of a pyproject.toml, as far as it belongs to the project. docs/reference/project.md#settings

#include <algorithm>
#include <array>

#include "base/text.h"
#include "base/time.h"
#include "ops/project/build_settings.h"
#include "ops/project/metadata_tables.h"
#include "ops/project/parent_rule_entries.h"
#include "ops/project/project.h"
#include "ops/project/required_environment.h"
#include "ops/project/settings_table.h"
#include "ops/project/source_settings.h"
#include "ops/session/setting_table.h"

namespace pkg::ops {
namespace {

using pep::TomlReader;

Status read_all_sources(const toml::Value& value, const TomlReader& reader, ProjectSettings& settings) {
  PKG_TRY_ASSIGN(settings.sources, read_sources(value, reader));
  return ok_status();
}

// ---- metadata, cut-offs, pre-releases

Status read_metadata(const toml::Value& value, const TomlReader& reader, ProjectSettings& settings) {
  PKG_TRY_ASSIGN(settings.build.dependency_metadata,
                 read_dependency_metadata(value, "tool.pkg.dependency-metadata", reader));
  return ok_status();
}

Status read_exclude_newer(const toml::Value& value, const TomlReader& reader, ProjectSettings& settings) {
  return each_entry(value, "tool.pkg.exclude-newer-package", reader, [&](const toml::TableEntry& entry) -> Status {
    PKG_TRY_ASSIGN(const auto name, reader.key_name(entry, "tool.pkg.exclude-newer-package"));
    const auto* cut_off = entry.second.as_bool();
    if (cut_off != nullptr && !*cut_off) {
      settings.exclude_newer_of[name] = "false";
      return ok_status();
    }
    PKG_TRY_ASSIGN(auto text, reader.text(entry.second, cat("tool.pkg.exclude-newer-package.", entry.first)));
    if (text != "false") {
      if (auto parsed = time::parse_cutoff(text, 0); !parsed) {
        return std::move(parsed).error().with(cat("at ", reader.origin(entry.second).to_string()));
      }
    }
    settings.exclude_newer_of[name] = std::move(text);
    return ok_status();
  });
}

Status read_prereleases(const toml::Value& value, const TomlReader& reader, ProjectSettings& settings) {
  return each_entry(value, "tool.pkg.prerelease-package", reader, [&](const toml::TableEntry& entry) -> Status {
    PKG_TRY_ASSIGN(const auto name, reader.key_name(entry, "tool.pkg.prerelease-package"));
    PKG_TRY_ASSIGN(const auto text, reader.text(entry.second, cat("tool.pkg.prerelease-package.", entry.first)));
    const auto prereleases = resolver::parse_prereleases(text);
    if (!prereleases) return reader.wrong(entry.second, cat(quote(text), " is none of ", resolver::kPrereleaseWords));
    settings.prereleases_of[name] = *prereleases;
    return ok_status();
  });
}

// ---- environments and conflicts

// One text, or an array of them.
template <class Add>
Status each_text(const toml::Value& value, std::string_view what, const TomlReader& reader, const Add& add) {
  const auto one = [&](const toml::Value& item) -> Status {
    PKG_TRY_ASSIGN(const auto text, reader.text(item, what));
    return Status(add(text)).with([&] { return cat("in ", what, " at ", reader.origin(item).to_string()); });
  };
  return value.as_string() != nullptr ? one(value) : each_item(value, what, reader, one);
}

Status read_environments(const toml::Value& value, const TomlReader& reader, ProjectSettings& settings) {
  return each_text(value, "tool.pkg.environments", reader, [&](const std::string& text) -> Status {
    PKG_TRY_ASSIGN(auto marker, pep::Marker::parse(text));
    settings.environments.push_back(std::move(marker));
    return ok_status();
  });
}

Status read_required_environments(const toml::Value& value, const TomlReader& reader, ProjectSettings& settings) {
  return each_text(value, "tool.pkg.required-environments", reader, [&](const std::string& text) -> Status {
    PKG_TRY_ASSIGN(auto environments, required_environments(text));
    std::ranges::move(environments, std::back_inserter(settings.required_environments));
    return ok_status();
  });
}

Status read_conflict_key(const toml::TableEntry& entry, const TomlReader& reader, resolver::ConflictItem& item) {
  static const std::vector<std::string> kKnown{"extra", "group", "package"};
  const auto& [key, value] = entry;
  if (key != "extra" && key != "group" && key != "package")
    return unknown_key(reader, entry, "tool.pkg.conflicts", kKnown);
  PKG_TRY_ASSIGN(auto name, reader.name(value, key));
  if (key == "package") return ok_status();  // extras of one name are one extra in a workspace, whosever it is
  if (!item.name.empty()) return reader.wrong(value, "an item of `tool.pkg.conflicts` is one extra or one group");
  item.is_group = key == "group";
  item.name = std::move(name);
  return ok_status();
}

Result<resolver::ConflictItem> read_conflict_item(const toml::Value& value, const TomlReader& reader) {
  resolver::ConflictItem item;
  PKG_TRY(each_entry(value, "an item of tool.pkg.conflicts", reader,
                     [&](const auto& entry) { return read_conflict_key(entry, reader, item); }));
  if (item.name.empty())
    return reader.wrong(value, "an item of `tool.pkg.conflicts` is `{extra = \"…\"}` or `{group = \"…\"}`");
  return item;
}

Status read_conflicts(const toml::Value& value, const TomlReader& reader, ProjectSettings& settings) {
  return each_item(value, "tool.pkg.conflicts", reader, [&](const toml::Value& set) -> Status {
    std::vector<resolver::ConflictItem> items;
    PKG_TRY(each_item(set, "an item of tool.pkg.conflicts", reader, [&](const toml::Value& one) -> Status {
      PKG_TRY_ASSIGN(auto item, read_conflict_item(one, reader));
      if (std::ranges::find(items, item) != items.end())
        return reader.wrong(one, cat(quote(item.name.str()), " stands twice in a set of `tool.pkg.conflicts`: extras ",
                                     "of one name are one extra in a workspace, whosever they are"));
      items.push_back(std::move(item));
      return ok_status();
    }));
    if (items.size() < 2) return reader.wrong(set, "a set of `tool.pkg.conflicts` has at least two items");
    settings.conflicts.push_back(std::move(items));
    return ok_status();
  });
}

// ---- the rest

Status read_default_groups(const toml::Value& value, const TomlReader& reader, ProjectSettings& settings) {
  settings.names_default_groups = true;
  settings.default_groups.clear();
  if (const auto* text = value.as_string()) {
    if (*text != "all") return reader.wrong(value, "`tool.pkg.default-groups` is an array of names, or `\"all\"`");
    settings.all_groups_by_default = true;
    return ok_status();
  }
  PKG_TRY_ASSIGN(const auto names, reader.names(value, "tool.pkg.default-groups"));
  for (const auto& name : names) settings.default_groups.push_back(name.str());
  return ok_status();
}

Status read_workspace(const toml::Value& value, const TomlReader& reader, ProjectSettings& settings) {
  settings.is_workspace = true;
  return each_entry(value, "tool.pkg.workspace", reader, [&](const toml::TableEntry& entry) -> Status {
    static const std::vector<std::string> kKnown{"members", "exclude"};
    if (entry.first != "members" && entry.first != "exclude")
      return unknown_key(reader, entry, "[tool.pkg.workspace]", kKnown);
    auto& globs = entry.first == "members" ? settings.members : settings.excluded_members;
    PKG_TRY_ASSIGN(globs, reader.texts(entry.second, cat("tool.pkg.workspace.", entry.first)));
    return ok_status();
  });
}

Status read_fork_strategy(const toml::Value& value, const TomlReader& reader, ProjectSettings& settings) {
  PKG_TRY_ASSIGN(const auto text, reader.text(value, "tool.pkg.fork-strategy"));
  if (text != "fewest" && text != "newest") {
    return reader.wrong(value,
                        cat(quote(text), " is neither `newest` (the newest version for each Python) nor `fewest`"));
  }
  settings.fewest_versions = text == "fewest";
  return ok_status();
}

// Of places outside only the user may speak: what is in an environment goes when it is not asked for.
Status read_environment_folder(const toml::Value& value, const TomlReader& reader, ProjectSettings& settings) {
  PKG_TRY_ASSIGN(const auto text, reader.text(value, "tool.pkg.environment"));
  auto folder = std::filesystem::path(text).lexically_normal();
  if (!folder.has_filename()) folder = folder.parent_path();
  const bool leads_out = folder.empty() || folder.is_absolute() || folder == "." || *folder.begin() == "..";
  if (leads_out)
    return reader.wrong(value, cat("`tool.pkg.environment` is a folder below the project's root, not ", quote(text)));
  settings.environment = std::move(folder);
  return ok_status();
}

Status read_locked_builds(const toml::Value& value, const TomlReader& reader, ProjectSettings& settings) {
  constexpr std::string_view kWhat = "tool.pkg.lock-build-dependencies";
  if (const auto* all = value.as_bool()) {
    settings.locked_builds.all = *all;
    return ok_status();
  }
  if (value.as_array() == nullptr) return reader.wrong_type(value, kWhat, "true, false or an array of names");
  PKG_TRY_ASSIGN(settings.locked_builds.names, reader.names(value, kWhat));
  return ok_status();
}

Status read_overrides(const toml::Value& value, const TomlReader& reader, ProjectSettings& settings) {
  return read_override_entries(value, reader, settings.overrides, settings.parent_rules);
}
Status read_constraints(const toml::Value& value, const TomlReader& reader, ProjectSettings& settings) {
  PKG_TRY_ASSIGN(settings.constraints, reader.requirements(value, "tool.pkg.constraint-dependencies"));
  return ok_status();
}
Status read_excludes(const toml::Value& value, const TomlReader& reader, ProjectSettings& settings) {
  return read_exclude_entries(value, reader, settings.excludes, settings.parent_rules);
}
Status read_groups(const toml::Value& value, const TomlReader& reader, ProjectSettings& settings) {
  PKG_TRY_ASSIGN(settings.group_pythons, read_group_pythons(value, reader));
  return ok_status();
}
Status read_task_table(const toml::Value& value, const TomlReader& reader, ProjectSettings& settings) {
  PKG_TRY_ASSIGN(settings.tasks, read_tasks(value, reader));
  return ok_status();
}
Status read_package(const toml::Value& value, const TomlReader& reader, ProjectSettings& settings) {
  PKG_TRY_ASSIGN(settings.package, reader.truth(value, "tool.pkg.package"));
  return ok_status();
}

struct Key {
  std::string_view name;
  Status (*read)(const toml::Value&, const TomlReader&, ProjectSettings&);
};
constexpr auto kKeys = std::to_array<Key>({{"override-dependencies", read_overrides},
                                           {"constraint-dependencies", read_constraints},
                                           {"exclude-dependencies", read_excludes},
                                           {"sources", read_all_sources},
                                           {"dependency-metadata", read_metadata},
                                           {"exclude-newer-package", read_exclude_newer},
                                           {"prerelease-package", read_prereleases},
                                           {"environments", read_environments},
                                           {"required-environments", read_required_environments},
                                           {"conflicts", read_conflicts},
                                           {"default-groups", read_default_groups},
                                           {"dependency-groups", read_groups},
                                           {"fork-strategy", read_fork_strategy},
                                           {"lock-build-dependencies", read_locked_builds},
                                           {"environment", read_environment_folder},
                                           {"workspace", read_workspace},
                                           {"package", read_package},
                                           {"tasks", read_task_table},
                                           {"config-settings", read_config_settings},
                                           {"config-settings-package", read_config_settings_of},
                                           {"extra-build-dependencies", read_extra_build_dependencies},
                                           {"extra-build-variables", read_extra_build_variables},
                                           {"build-constraint-dependencies", read_build_constraints}});

// cli/config/config reads these, in its looser spelling too.
bool is_command_line_setting(std::string_view key) {
  if (key == "index") return true;
  return find_setting(replace_all(to_ascii_lower(key), "_", "-")) != nullptr;
}

std::vector<std::string> known_keys() {
  std::vector<std::string> names{"index"};
  for (const auto& key : kKeys) names.emplace_back(key.name);
  for (const auto& setting : command_line_settings()) names.emplace_back(setting.name);
  return names;
}

}  // namespace

Result<ProjectSettings> parse_project_settings(const pep::Pyproject& pyproject, const std::string& file_name) {
  ProjectSettings settings;
  const auto* table = tool_entry(pyproject.root, "pkg");
  if (table == nullptr) return settings;
  const TomlReader reader(file_name);
  PKG_TRY(each_entry(*table, "tool.pkg", reader, [&](const toml::TableEntry& entry) -> Status {
    const auto key = std::ranges::find(kKeys, std::string_view(entry.first), &Key::name);
    if (key != kKeys.end()) return key->read(entry.second, reader, settings);
    return is_command_line_setting(entry.first) ? ok_status()
                                                : Status(unknown_key(reader, entry, "[tool.pkg]", known_keys()));
  }));
  return settings;
}

}  // namespace pkg::ops
