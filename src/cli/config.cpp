#include "cli/config.h"

#include <algorithm>
#include <array>

#include "base/fs.h"
#include "base/limits.h"
#include "base/own_text.h"
#include "base/text.h"
#include "base/toml.h"
#include "base/user_folders.h"
#include "ops/project.h"
#include "ops/setting_names.h"

namespace pkg::cli {
namespace {

namespace stdfs = std::filesystem;

// Keys that may be given several times: white space separates the values in files and variables.
bool is_list(std::string_view key) {
  constexpr auto kLists = std::to_array<std::string_view>(
      {"extra-index-url", "find-links", "trusted-host", "constraint", "override", "only-binary", "no-binary"});
  return std::ranges::find(kLists, key) != kLists.end();
}

std::vector<std::string> values_of(std::string_view key, std::string_view value) {
  if (!is_list(key)) return {std::string(trim(value))};
  std::vector<std::string> values;
  for (const auto word : split_words(value)) values.emplace_back(word);
  return values;
}

const char* value_or(const char* value, const char* otherwise) { return value != nullptr && *value != '\0' ? value : otherwise; }

// Never a relative path: without a home nothing is looked for in the working folder.
stdfs::path or_root(stdfs::path folder) { return folder.empty() ? stdfs::path("/") : folder; }
stdfs::path home_of(const Getenv& environment) { return or_root(home_folder(environment)); }
stdfs::path config_folder_of(const Getenv& environment) { return or_root(user_config_folder(environment)); }

// Where pip looks, weakest first (pip's documentation, "Configuration").
std::vector<ConfigFile> pip_files(const Getenv& environment) {
  const char* explicit_file = environment("PIP_CONFIG_FILE");
  if (explicit_file != nullptr && std::string_view(explicit_file) == "/dev/null") return {};
  std::vector<ConfigFile> files;
  for (const auto folder : split(value_or(environment("XDG_CONFIG_DIRS"), "/etc/xdg"), ':')) {
    if (!folder.empty()) files.push_back({"global", stdfs::path(folder) / "pip/pip.conf", false});
  }
  files.push_back({"global", "/etc/pip.conf", false});
  const bool has_explicit = explicit_file != nullptr && *explicit_file != '\0';
  if (!has_explicit || !fs::exists(explicit_file)) {
    files.push_back({"user", home_of(environment) / ".pip/pip.conf", false});
    files.push_back({"user", config_folder_of(environment) / "pip/pip.conf", false});
  }
  if (const char* venv = environment("VIRTUAL_ENV"); venv != nullptr && *venv != '\0')
    files.push_back({"site", stdfs::path(venv) / "pip.conf", false});
  if (has_explicit) files.push_back({"PIP_CONFIG_FILE", explicit_file, false});
  return files;
}

std::optional<stdfs::path> project_file(const stdfs::path& start) {
  for (auto folder = start;; folder = folder.parent_path()) {
    if (fs::exists(folder / "pyproject.toml")) return folder / "pyproject.toml";
    if (folder == folder.parent_path()) return std::nullopt;
  }
}

std::vector<std::string> toml_values(std::string_view key, const toml::Value& value) {
  if (const auto* text = value.as_string()) return is_list(key) ? std::vector{*text} : values_of(key, *text);
  if (const auto* flag = value.as_bool()) return {*flag ? "true" : "false"};
  if (const auto* number = value.as_integer()) return {cat(*number)};
  std::vector<std::string> values;
  if (const auto* array = value.as_array()) {
    for (const auto& item : *array) {
      if (const auto* text = item.as_string()) values.push_back(*text);
    }
  }
  return values;
}

bool truth_at(const toml::Value& table, std::string_view key) {
  const auto* value = table.get(key);
  return value != nullptr && value->as_bool() != nullptr && *value->as_bool();
}

Result<std::vector<Config::NamedIndex>> read_indexes(const toml::Value& list, const stdfs::path& path) {
  std::vector<Config::NamedIndex> indexes;
  for (const auto& item : *list.as_array()) {
    const auto* url = item.get("url");
    if (url == nullptr || url->as_string() == nullptr)
      return make_error(ErrorKind::bad_data, cat(path.string(), ":", item.line, ": an index needs a `url`"));
    const auto* name = item.get("name");
    indexes.push_back({name != nullptr && name->as_string() != nullptr ? *name->as_string() : "", *url->as_string(),
                       truth_at(item, "explicit"), truth_at(item, "default")});
  }
  return indexes;
}

}  // namespace

bool parse_bool(std::string_view text) {
  const auto word = to_ascii_lower(trim(text));
  return word == "1" || word == "true" || word == "yes" || word == "on" || word == "y" || word == "t";
}

stdfs::path user_pip_file(const Getenv& environment) {
  const auto legacy = home_of(environment) / ".pip/pip.conf";
  return fs::exists(legacy) ? legacy : config_folder_of(environment) / "pip/pip.conf";
}

Status Config::read_pip_file(const stdfs::path& path, std::string_view command) {
  PKG_TRY_ASSIGN(const auto text, fs::read_file_at_most(path, limits::kSettings));
  PKG_TRY_ASSIGN(const auto entries, parse_ini(text, path.string()));
  for (const std::string_view section : {std::string_view("global"), command}) {
    for (const auto& entry : entries) {
      if (entry.section == section)
        settings_.push_back({entry.key, values_of(entry.key, entry.value), cat(path.string(), " [", section, "]")});
    }
  }
  return ok_status();
}

Status Config::read_pkg_toml(const stdfs::path& path, bool is_project) {
  PKG_TRY_ASSIGN(const auto text, fs::read_file_at_most(path, limits::kText));
  if (is_project && text.find("tool") == std::string::npos) return ok_status();
  PKG_TRY_ASSIGN(const auto root, told_of(toml::parse(text, path.string()), path, path.string()));
  const toml::Value* table = &root;
  if (is_project) {
    const auto* tool = root.get("tool");
    table = tool == nullptr ? nullptr : tool->get("pkg");
    if (table == nullptr) return ok_status();
  }
  const auto* members = table->as_table();
  if (members == nullptr)
    return make_error(ErrorKind::bad_data,
                      cat(path.string(), ":", table->line, ": [tool.pkg] is ", table->type_name(), ", expected a table"));
  for (const auto& [key, value] : *members) {
    if (key == "index" && value.as_array() != nullptr) {
      PKG_TRY_ASSIGN(auto indexes, read_indexes(value, path));
      indexes_.insert(indexes_.begin(), indexes.begin(), indexes.end());
      continue;
    }
    auto values = toml_values(canonical_key(key), value);
    if (!values.empty()) settings_.push_back({canonical_key(key), std::move(values), cat(path.string(), ":", value.line)});
  }
  return ok_status();
}

void Config::read_environment(std::string_view prefix, const Getenv& environment) {
  // An environment cannot be listed portably by prefix alone, and need not be.
  for (const auto key : ops::command_line_settings()) {
    std::string name(prefix);
    for (const char c : key) name += c == '-' ? '_' : static_cast<char>(c - 'a' + 'A');
    const char* value = environment(name.c_str());
    if (value != nullptr && *value != '\0') settings_.push_back({canonical_key(key), values_of(canonical_key(key), value), name});
  }
}

Result<Config> Config::load(std::string_view command, const stdfs::path& working_folder, const Getenv& environment) {
  Config config;
  config.files_ = pip_files(environment);
  for (auto& file : config.files_) {
    file.exists = fs::exists(file.path);
    if (file.exists) PKG_TRY(config.read_pip_file(file.path, command));
  }
  config.read_environment("PIP_", environment);
  ConfigFile user{"pkg.toml", config_folder_of(environment) / "pkg/pkg.toml", false};
  user.exists = fs::exists(user.path);
  if (user.exists) PKG_TRY(config.read_pkg_toml(user.path, false));
  config.files_.push_back(user);
  if (const auto project = project_file(working_folder)) {
    const auto file = ops::settings_folder(project->parent_path()) / project->filename();
    config.files_.push_back({"project", file, true});
    PKG_TRY(config.read_pkg_toml(file, true));
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
  return value && parse_bool(*value);
}

}  // namespace pkg::cli
