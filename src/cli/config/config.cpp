#include "cli/config/config.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "base/fs.h"
#include "base/limits.h"
#include "base/own_text.h"
#include "base/text.h"
#include "base/toml.h"
#include "base/user_folders.h"
#include "index/index_table.h"
#include "ops/project/build_settings.h"
#include "ops/project/foreign_tables.h"
#include "ops/project/metadata_tables.h"
#include "ops/project/project.h"
#include "ops/project/settings_table.h"
#include "ops/session/setting_table.h"
#include "ops/session/trusted_projects.h"
#include "pep/toml_reader.h"

namespace pkg::cli {
namespace {

namespace stdfs = std::filesystem;

ops::SettingKind kind_of(std::string_view key) {
  const auto* setting = ops::find_setting(key);
  return setting == nullptr ? ops::SettingKind::text : setting->kind;
}

bool is_list(std::string_view key) {
  return kind_of(key) == ops::SettingKind::list || kind_of(key) == ops::SettingKind::lines;
}

std::vector<std::string> values_of(std::string_view key, std::string_view value) {
  std::vector<std::string> values;
  switch (kind_of(key)) {
    case ops::SettingKind::list:
      for (const auto word : split_words(value)) values.emplace_back(word);
      break;
    case ops::SettingKind::lines:
      for (const auto line : split_lines(value))
        if (!trim(line).empty()) values.emplace_back(trim(line));
      break;
    default:
      values.emplace_back(trim(value));
  }
  return values;
}

const char* value_or(const char* value, const char* otherwise) {
  return value != nullptr && *value != '\0' ? value : otherwise;
}

// Never a relative path: without a home nothing is looked for in the working folder.
stdfs::path or_root(stdfs::path folder) { return folder.empty() ? stdfs::path("/") : folder; }
stdfs::path home_of(const Getenv& environment) { return or_root(home_folder(environment)); }
stdfs::path config_folder_of(const Getenv& environment) { return or_root(user_config_folder(environment)); }

// Where pip looks, weakest first (pip's documentation, "Configuration").
std::vector<ConfigFile> pip_files(const Getenv& environment, const stdfs::path& system_file) {
  const char* explicit_file = environment("PIP_CONFIG_FILE");
  if (explicit_file != nullptr && std::string_view(explicit_file) == "/dev/null") return {};
  std::vector<ConfigFile> files;
  for (const auto folder : split(value_or(environment("XDG_CONFIG_DIRS"), "/etc/xdg"), ':')) {
    if (folder.starts_with('/')) files.push_back({"global", stdfs::path(folder) / "pip/pip.conf", false});
  }
  files.push_back({"global", system_file, false});
  const bool has_explicit = explicit_file != nullptr && *explicit_file != '\0';
  if (!has_explicit || !fs::exists(explicit_file)) {
    files.push_back({"user", home_of(environment) / ".pip/pip.conf", false});
    files.push_back({"user", config_folder_of(environment) / "pip/pip.conf", false});
  }
  if (const char* venv = environment("VIRTUAL_ENV"); venv != nullptr && *venv == '/')
    files.push_back({"site", stdfs::path(venv) / "pip.conf", false});
  if (has_explicit) files.push_back({"PIP_CONFIG_FILE", explicit_file, false});
  return files;
}

std::optional<stdfs::path> project_file(const stdfs::path& start) {
  for (auto folder = start;; folder = folder.parent_path()) {
    if (ops::has_project_file(folder)) return folder / "pyproject.toml";
    if (folder == folder.parent_path()) return std::nullopt;
  }
}

// What a key's value says; nullopt: it is of a type that says nothing for this key.
std::optional<std::vector<std::string>> toml_values(std::string_view key, const toml::Value& value) {
  if (const auto* text = value.as_string()) return is_list(key) ? std::vector{*text} : values_of(key, *text);
  if (const auto* flag = value.as_bool()) return std::vector<std::string>{*flag ? "true" : "false"};
  if (const auto* number = value.as_integer()) return std::vector{cat(*number)};
  if (const auto* number = std::get_if<double>(&value.data)) return std::vector{std::to_string(*number)};
  if (const auto* date = std::get_if<toml::DateTime>(&value.data)) return std::vector{date->text};
  const auto* array = value.as_array();
  if (array == nullptr || !is_list(key)) return std::nullopt;
  std::vector<std::string> values;
  for (const auto& item : *array) {
    if (item.as_string() == nullptr) return std::nullopt;
    values.push_back(*item.as_string());
  }
  return values;
}

std::string_view expected_type(std::string_view key) {
  using enum ops::SettingKind;
  switch (kind_of(key)) {
    case flag:
      return "true or false";
    case count:
    case integer:
    case seconds:
      return "a number";
    case list:
    case lines:
      return "an array of strings";
    default:
      return "a string";
  }
}

// A table in the place of several settings: [remote-cache] has `url`, and `mode` … for remote-cache-mode …
constexpr std::string_view kRemoteCache = "remote-cache";

constexpr std::string_view kDependencyMetadata = "dependency-metadata";

// config-settings in [tool.pkg] is a table, which ops/project reads.
bool may_be_table(std::string_view key) { return key == "config-settings" || key == "config-settings-package"; }

Result<std::vector<Config::NamedIndex>> read_indexes(const toml::Value& list, const stdfs::path& path) {
  PKG_TRY_ASSIGN(auto entries, index::read_index_tables(list, path.string(), path.parent_path()));
  std::vector<Config::NamedIndex> indexes;
  for (auto& [location, is_default] : entries)
    indexes.push_back({location.name, location.url.with_credentials(), location.is_explicit, is_default, false,
                       std::move(location.rules)});
  return indexes;
}

// Of [tool.pkg.extra-build-variables] those that count only from a project that the user trusts, as
// "extra-build-variables.NAME.VARIABLE".
std::vector<Setting> trusted_variables(const toml::Value& table, const stdfs::path& path) {
  constexpr std::string_view kKey = "extra-build-variables";
  std::vector<Setting> found;
  const auto* packages = table.get(kKey);
  if (packages == nullptr || packages->as_table() == nullptr) return found;
  for (const auto& [name, variables] : *packages->as_table()) {
    if (variables.as_table() == nullptr) continue;
    for (const auto& [variable, value] : *variables.as_table()) {
      if (value.as_string() != nullptr && ops::needs_trust(variable))
        found.push_back(
            {cat(kKey, '.', name, '.', variable), {*value.as_string()}, cat(path.string(), ":", value.line)});
    }
  }
  return found;
}

}  // namespace

stdfs::path user_pip_file(const Getenv& environment) {
  const auto legacy = home_of(environment) / ".pip/pip.conf";
  return fs::exists(legacy) ? legacy : config_folder_of(environment) / "pip/pip.conf";
}

Status Config::read_pip_file(const stdfs::path& path, std::string_view command) {
  PKG_TRY_ASSIGN(const auto text, fs::read_file_at_most(path, limits::kSettings));
  PKG_TRY_ASSIGN(const auto entries, parse_ini(text, path.string()));
  for (const std::string_view section : {std::string_view("global"), command}) {
    for (const auto& entry : entries) {
      if (entry.section != section) continue;
      settings_.push_back({entry.key, values_of(entry.key, entry.value), cat(path.string(), " [", section, "]")});
      check(settings_.back(), cat(path.string(), ":", entry.line));
    }
  }
  return ok_status();
}

Status Config::read_table(const toml::Value& table, const stdfs::path& path, std::vector<Setting>& settings,
                          std::vector<NamedIndex>& indexes) {
  const auto* members = table.as_table();
  if (members == nullptr)
    return make_error(ErrorKind::bad_data,
                      cat(path.string(), ":", table.line, ": [tool.pkg] is ", table.type_name(), ", expected a table"));
  for (const auto& [name, value] : *members) {
    if (name == "index" && value.as_string() == nullptr) {
      PKG_TRY_ASSIGN(indexes, read_indexes(value, path));
      continue;
    }
    auto key = canonical_key(name);
    if (key == kRemoteCache && value.as_table() != nullptr) {
      read_remote_cache(value, path, settings);
      continue;
    }
    const auto place = cat(path.string(), ":", value.line);
    auto values = toml_values(key, value);
    const bool is_setting = ops::find_setting(key) != nullptr;
    if (!values) {
      const bool is_read_elsewhere = !is_setting || (may_be_table(key) && value.as_table() != nullptr);
      if (!is_read_elsewhere)
        add_fault(place, cat(quote(name), " is ", value.type_name(), ", expected ", expected_type(key)));
      continue;
    }
    settings.push_back({std::move(key), *std::move(values), place});
    if (is_setting) check(settings.back(), place);
  }
  return ok_status();
}

void Config::read_remote_cache(const toml::Value& table, const stdfs::path& path, std::vector<Setting>& settings) {
  for (const auto& [name, value] : *table.as_table()) {
    auto key = name == "url" ? std::string(kRemoteCache) : cat(kRemoteCache, "-", canonical_key(name));
    const auto place = cat(path.string(), ":", value.line);
    auto values = toml_values(key, value);
    if (ops::find_setting(key) == nullptr) {
      add_fault(place, cat(quote(name),
                           " is no key of `remote-cache`, expected `url`, `mode`, `key`, `trust`, "
                           "`endpoint`, `region`, `path-style` or `patience`"));
    } else if (!values) {
      add_fault(place, cat(quote(name), " is ", value.type_name(), ", expected ", expected_type(key)));
    } else {
      settings.push_back({std::move(key), *std::move(values), place});
      check(settings.back(), place);
    }
  }
}

Status Config::read_pkg_toml(const stdfs::path& path) {
  PKG_TRY_ASSIGN(const auto text, fs::read_file_at_most(path, 16u << 20));
  PKG_TRY_ASSIGN(const auto root, toml::parse(text, path.string()));
  PKG_TRY(read_table(root, path, settings_, indexes_));
  read_dependency_metadata(root, std::string(kDependencyMetadata), path);
  for (const auto& [name, value] : *root.as_table()) {
    const bool is_index = name == "index" && value.as_string() == nullptr;
    if (is_index || name == kDependencyMetadata || ops::find_setting(canonical_key(name)) != nullptr) continue;
    std::vector<std::string> known;
    for (const auto& setting : ops::command_line_settings()) known.emplace_back(setting.name);
    const auto near = nearest(canonical_key(name), known);
    add_fault(cat(path.string(), ":", value.line),
              cat(quote(name), " is no setting", near ? cat(" (did you mean ", quote(*near), "?)") : std::string()));
  }
  return ok_status();
}

// What is wrong with it is a fault, as of any other setting.
void Config::read_dependency_metadata(const toml::Value& table, const std::string& key, const stdfs::path& path) {
  const auto* value = table.get(kDependencyMetadata);
  if (value == nullptr) return;
  auto read = ops::read_dependency_metadata(*value, key, pep::TomlReader(path.string()));
  if (!read) {
    auto error = std::move(read).error();
    error.kind = ErrorKind::usage;
    faults_.push_back(std::move(error));
    return;
  }
  dependency_metadata_.insert(dependency_metadata_.begin(), std::make_move_iterator(read->begin()),
                              std::make_move_iterator(read->end()));
}

void Config::add_fault(const std::string& place, std::string message) {
  faults_.push_back(make_error(ErrorKind::usage, cat(place, ": ", std::move(message)),
                               "`pkg config debug` shows where settings come from"));
}

// A wrong value is a fault of its place, whether this command asks for the setting or not.
void Config::check(const Setting& setting, const std::string& place) {
  const auto* known = ops::find_setting(setting.key);
  if (known == nullptr) return;
  for (const auto& value : setting.values)
    if (const auto fault = ops::fault_of_value(*known, value)) add_fault(place, cat(quote(setting.key), " ", *fault));
}

// What a project says counts as far as it may, in the order of its file.
Status Config::read_project(const stdfs::path& path, const Getenv& environment) {
  PKG_TRY_ASSIGN(const auto text, fs::read_file_at_most(path, 16u << 20));
  if (text.find("tool") == std::string::npos) return ok_status();
  PKG_TRY_ASSIGN(auto root, toml::parse(text, path.string()));
  ops::adopt_foreign_tables(root, path.native());  // what is refused concerns those who read the project
  const auto* table = ops::tool_entry(root, "pkg");
  if (table == nullptr) return ok_status();
  std::vector<Setting> settings;
  std::vector<NamedIndex> indexes;
  PKG_TRY(read_table(*table, path, settings, indexes));
  read_dependency_metadata(*table, cat("tool.pkg.", kDependencyMetadata), path);
  // Keys that are no settings of the command line are the project's business, and ops/project's to read.
  std::erase_if(settings, [](const Setting& setting) { return ops::find_setting(setting.key) == nullptr; });

  auto variables = trusted_variables(*table, path);
  ask_trust(path, settings, indexes, variables, environment);
  take_what_counts(std::move(settings));
  // ops/project leaves them out, too: the note is all that is ours.
  if (!project_.is_trusted) std::ranges::move(variables, std::back_inserter(ignored_));
  for (auto& index : indexes) index.is_of_project = !project_.is_trusted;
  indexes_.insert(indexes_.begin(), indexes.begin(), indexes.end());
  return ok_status();
}

void Config::ask_trust(const stdfs::path& path, const std::vector<Setting>& settings,
                       const std::vector<NamedIndex>& indexes, const std::vector<Setting>& variables,
                       const Getenv& environment) {
  std::vector<ops::TrustedWord> words;
  for (const auto& setting : settings)
    if (const auto may = ops::find_setting(setting.key)->project_may;
        may != ops::ProjectMay::set && may != ops::ProjectMay::never)
      words.push_back({setting.key, setting.values});
  for (const auto& index : indexes)
    if (!index.name.empty()) words.push_back({cat("index ", index.name), {index.url}});
  for (const auto& variable : variables) words.push_back({variable.key, variable.values});
  project_.place = path.parent_path();
  project_.file = path.string();
  for (const auto& word : words) project_.keys.push_back(word.key);
  project_.digest = ops::trust_digest(words);
  project_.is_trusted =
      ops::trusts_every_project(environment) ||
      (!words.empty() && ops::is_trusted(project_.place, project_.digest, ops::state_folder(environment)));
}

// While settings_ holds the user's own, of files and PIP_*; PKG_* come later and win.
void Config::take_what_counts(std::vector<Setting> settings) {
  const auto counts = [this](const Setting& setting) {
    const auto& known = *ops::find_setting(setting.key);
    if (known.project_may == ops::ProjectMay::never) return false;
    if (project_.is_trusted || known.project_may == ops::ProjectMay::set) return true;
    return known.project_may == ops::ProjectMay::set_where_unsaid && !is_said(setting.key) && !is_said(known.opposite);
  };
  std::vector<Setting> counted;
  for (auto& setting : settings) {
    setting.is_of_project = !project_.is_trusted;
    (counts(setting) ? counted : ignored_).push_back(std::move(setting));
  }
  std::ranges::move(counted, std::back_inserter(settings_));
}

std::string Config::ignored_note() const {
  if (ignored_.empty()) return {};
  std::vector<std::string> names;
  for (const auto& setting : ignored_) names.push_back(quote(setting.key));
  const bool trust_helps = std::ranges::any_of(ignored_, [](const Setting& setting) {
    const auto* known = ops::find_setting(setting.key);
    return known == nullptr || known->project_may != ops::ProjectMay::never;
  });
  const bool is_one = names.size() == 1;
  return cat(quote(project_.file), " sets ", join(names, ", "),
             ", which only you may set: ", is_one ? "it is" : "they are", " ignored",
             trust_helps ? cat(" (`pkg config trust` allows ", is_one ? "it" : "them", ")") : std::string());
}

void Config::read_environment(std::string_view prefix, const Getenv& environment) {
  // An environment cannot be listed portably by prefix alone, and need not be.
  std::string name;
  for (const auto& setting : ops::command_line_settings()) {
    ops::each_name(setting, [&](std::string_view key) {
      name = prefix;
      for (const char c : key) name += c == '-' ? '_' : static_cast<char>(c - 'a' + 'A');
      const char* value = environment(name.c_str());
      if (value != nullptr && *value != '\0') take_variable(setting, name, value);
    });
  }
}

void Config::take_variable(const ops::CommandLineSetting& setting, const std::string& name, const char* value) {
  settings_.push_back({std::string(setting.name), values_of(setting.name, value), name});
  if (const auto fault = ops::fault_of_value(setting, value))
    faults_.push_back(make_error(ErrorKind::usage, cat("the variable ", quote(name), " ", *fault)));
}

Result<Config> Config::load(std::string_view command, const stdfs::path& working_folder, const Getenv& environment,
                            const stdfs::path& system_file, UserFiles users) {
  Config config;
  config.files_ = pip_files(environment, system_file);
  if (users == UserFiles::ignored)
    std::erase_if(config.files_, [](const ConfigFile& file) { return file.kind != "global"; });
  for (auto& file : config.files_) {
    file.exists = fs::exists(file.path);
    if (file.exists) PKG_TRY(config.read_pip_file(file.path, command));
  }
  config.read_environment("PIP_", environment);
  ConfigFile user{"pkg.toml", config_folder_of(environment) / "pkg/pkg.toml", false};
  user.exists = users == UserFiles::read && fs::exists(user.path);
  if (user.exists) PKG_TRY(config.read_pkg_toml(user.path));
  config.files_.push_back(user);
  const auto project = working_folder.empty() ? std::optional<stdfs::path>() : project_file(working_folder);
  if (project) {
    const auto file = ops::settings_folder(project->parent_path()) / project->filename();
    config.files_.push_back({"project", file, true});
    PKG_TRY(config.read_project(file, environment));
  }
  config.read_environment("PKG_", environment);
  return config;
}

const Setting* Config::find(std::string_view key) const {
  const auto found = std::find_if(settings_.rbegin(), settings_.rend(), [&](const Setting& s) { return s.key == key; });
  return found == settings_.rend() ? nullptr : &*found;
}

std::optional<std::string> Config::text(std::string_view key) const {
  const auto* setting = find(key);
  if (setting == nullptr || setting->values.empty()) return std::nullopt;
  return setting->values.front();
}

std::vector<std::string> Config::list(std::string_view key) const {
  const auto* setting = find(key);
  return setting == nullptr ? std::vector<std::string>() : setting->values;
}

bool Config::flag(std::string_view key) const {
  const auto value = text(key);
  return value && ops::parse_truth(*value).value_or(false);
}

}  // namespace pkg::cli
