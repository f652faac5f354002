#include "ops/project/build_settings.h"

#include <algorithm>

#include "base/fs.h"
#include "base/limits.h"
#include "base/text.h"
#include "builder/variable_lists.h"
#include "ops/project/foreign_tables.h"
#include "ops/project/settings_table.h"

namespace pkg::ops {
namespace {

using pep::TomlReader;

// A text, a truth value (as backends take it: "true"), or an array of texts.
Result<std::vector<std::string>> setting_values(const toml::Value& value, const std::string& what,
                                                const TomlReader& reader) {
  if (const auto* flag = value.as_bool()) return std::vector<std::string>{*flag ? "true" : "false"};
  if (value.as_array() != nullptr) return reader.texts(value, what);
  PKG_TRY_ASSIGN(auto text, reader.text(value, what));
  return std::vector<std::string>{std::move(text)};
}

Result<builder::ConfigSettings> read_settings(const toml::Value& value, std::string_view what,
                                              const TomlReader& reader) {
  builder::ConfigSettings settings;
  PKG_TRY(each_entry(value, what, reader, [&](const toml::TableEntry& entry) -> Status {
    PKG_TRY_ASSIGN(settings[entry.first], setting_values(entry.second, cat(what, '.', entry.first), reader));
    return ok_status();
  }));
  return settings;
}

// "cython<3", or {requirement = "numpy", match-runtime = false}.
Result<pep::Requirement> read_extra(const toml::Value& value, std::string_view what, const TomlReader& reader) {
  if (value.as_table() == nullptr) return reader.requirement(value, what);
  const auto* requirement = value.get("requirement");
  if (requirement == nullptr)
    return reader.wrong(value, cat(quote(what), " is a requirement, or a table with `requirement`"));
  const auto* match = value.get("match-runtime");
  if (match != nullptr && match->as_bool() != nullptr && *match->as_bool())
    return reader.wrong(*match, "`match-runtime` is not understood: name the version that is wanted");
  return reader.requirement(*requirement, what);
}

builder::Variables allowed_variables(builder::Variables variables, bool trusts_project) {
  if (!trusts_project) std::erase_if(variables, [](const auto& variable) { return needs_trust(variable.first); });
  return variables;
}

// The pyproject.toml whose [tool.pkg] counts in a folder.
std::optional<std::filesystem::path> settings_file(const std::filesystem::path& start) {
  for (auto folder = start;; folder = folder.parent_path()) {
    if (has_project_file(folder)) return settings_folder(folder) / "pyproject.toml";
    if (folder == folder.parent_path()) return std::nullopt;
  }
}

Result<ProjectBuildSettings> read_build_settings(const std::filesystem::path& file) {
  PKG_TRY_ASSIGN(const auto text, fs::read_file_at_most(file, limits::kText));
  if (text.find("tool") == std::string::npos) return ProjectBuildSettings();
  PKG_TRY_ASSIGN(auto project, parse_project_file(text, file.native()));
  return std::move(project.settings.build);
}

}  // namespace

bool needs_trust(std::string_view variable) {
  return builder::breaks_isolation(variable) || builder::spends_trust(variable);
}

void use_project_builds(Session& session) {
  const auto file = settings_file(session.working_folder());
  if (!file) return;
  auto settings = read_build_settings(*file);
  if (!settings) {
    session.reporter().warning(
        cat("what ", quote(file->native()), " says of builds does not count: ", settings.error().message));
    return;
  }
  auto options = session.build_options();
  apply_build_settings(*settings, options);
  session.set_build_options(std::move(options));
}

// An array of "KEY=VALUE" is the command line's form, which cli/config/config reads.
Status read_config_settings(const toml::Value& value, const TomlReader& reader, ProjectSettings& settings) {
  if (value.as_table() == nullptr && (value.as_array() != nullptr || value.as_string() != nullptr)) return ok_status();
  PKG_TRY_ASSIGN(settings.build.config_settings, read_settings(value, "tool.pkg.config-settings", reader));
  return ok_status();
}

Status read_config_settings_of(const toml::Value& value, const TomlReader& reader, ProjectSettings& settings) {
  constexpr std::string_view kWhat = "tool.pkg.config-settings-package";
  return each_entry(value, kWhat, reader, [&](const toml::TableEntry& entry) -> Status {
    PKG_TRY_ASSIGN(const auto name, reader.key_name(entry, kWhat));
    PKG_TRY_ASSIGN(settings.build.config_settings_of[name],
                   read_settings(entry.second, cat(kWhat, '.', entry.first), reader));
    return ok_status();
  });
}

Status read_extra_build_dependencies(const toml::Value& value, const TomlReader& reader, ProjectSettings& settings) {
  constexpr std::string_view kWhat = "tool.pkg.extra-build-dependencies";
  return each_entry(value, kWhat, reader, [&](const toml::TableEntry& entry) -> Status {
    PKG_TRY_ASSIGN(const auto name, reader.key_name(entry, kWhat));
    const auto what = cat(kWhat, '.', entry.first);
    return each_item(entry.second, what, reader, [&](const toml::Value& item) -> Status {
      PKG_TRY_ASSIGN(auto requirement, read_extra(item, what, reader));
      settings.build.extra_requirements[name].push_back(std::move(requirement));
      return ok_status();
    });
  });
}

Status read_extra_build_variables(const toml::Value& value, const TomlReader& reader, ProjectSettings& settings) {
  constexpr std::string_view kWhat = "tool.pkg.extra-build-variables";
  return each_entry(value, kWhat, reader, [&](const toml::TableEntry& entry) -> Status {
    PKG_TRY_ASSIGN(const auto name, reader.key_name(entry, kWhat));
    const auto what = cat(kWhat, '.', entry.first);
    return each_entry(entry.second, what, reader, [&](const toml::TableEntry& variable) -> Status {
      PKG_TRY_ASSIGN(auto text, reader.text(variable.second, cat(what, '.', variable.first)));
      settings.build.extra_variables[name].emplace_back(variable.first, std::move(text));
      return ok_status();
    });
  });
}

Status read_build_constraints(const toml::Value& value, const TomlReader& reader, ProjectSettings& settings) {
  PKG_TRY_ASSIGN(settings.build.constraints, reader.requirements(value, "tool.pkg.build-constraint-dependencies"));
  return ok_status();
}

void apply_build_settings(const ProjectBuildSettings& settings, BuildOptions& options) {
  for (const auto& [key, values] : settings.config_settings) options.config_settings.try_emplace(key, values);
  for (const auto& [name, own] : settings.config_settings_of) {
    auto& known = options.config_settings_of[name];
    for (const auto& [key, values] : own) known.try_emplace(key, values);
  }
  // A package's own settings stand beside the general ones.
  for (auto& [name, known] : options.config_settings_of)
    known.insert(options.config_settings.begin(), options.config_settings.end());
  for (const auto& [name, requirements] : settings.extra_requirements)
    options.extra_requirements.try_emplace(name, requirements);
  for (const auto& [name, variables] : settings.extra_variables)
    options.extra_variables.try_emplace(name, allowed_variables(variables, options.trusts_project_variables));
  for (const auto& constraint : settings.constraints) {
    if (std::ranges::find(options.constraints, constraint) == options.constraints.end())
      options.constraints.push_back(constraint);
  }
  for (const auto& metadata : settings.dependency_metadata) {
    if (std::ranges::find(options.dependency_metadata, metadata) == options.dependency_metadata.end())
      options.dependency_metadata.push_back(metadata);
  }
}

}  // namespace pkg::ops
