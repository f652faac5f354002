#include "cli/config/config.h"

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <set>

#include "base/fs.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/url.h"
#include "base/user_folders.h"
#include "cli/command.h"
#include "cli/command_context.h"
#include "cli/config/config_edit.h"
#include "cli/config/config_file.h"
#include "cli/config/ini.h"
#include "cli/options/options.h"
#include "cli/output/output.h"
#include "cli/output/render.h"
#include "ops/project/script_project.h"
#include "ops/session/setting_table.h"
#include "ops/session/trusted_projects.h"

namespace pkg::cli {
namespace {

// "section.key"; a key alone is of [global].
struct SettingName {
  std::string section, key;
};

const char* variable(const char* name) { return std::getenv(name); }

std::string shown(std::string_view value) {
  std::vector<std::string> words;
  for (const auto word : split_words(value)) words.push_back(url::redact(word));
  return join(words, " ");
}

std::string shown_value(const Setting& setting) { return shown(join(setting.values, " ")); }

struct ListedSetting {
  std::string key, value, source;
};

// What holds for every command, by key, then what files say for single commands. With a scope: what its files say.
Result<std::vector<ListedSetting>> listed_settings(const Config& config, ConfigScope scope) {
  std::vector<ListedSetting> list;
  if (scope == ConfigScope::any) {
    std::set<std::string> keys;
    for (const auto& setting : config.all()) keys.insert(setting.key);
    for (const auto& key : keys) {
      const auto* setting = config.find(key);
      list.push_back({key, shown_value(*setting), setting->source});
    }
  }
  PKG_TRY_ASSIGN(const auto in_files, settings_in_files(config, scope));
  for (const auto& setting : in_files) {
    if (scope == ConfigScope::any && setting.section == "global") continue;
    list.push_back({cat(setting.section, ".", setting.key), shown(setting.value), setting.file.string()});
  }
  return list;
}

Result<int> print_list(const Config& config, ConfigScope scope, bool as_json) {
  PKG_TRY_ASSIGN(const auto settings, listed_settings(config, scope));
  auto value = result_json("config list");
  value["settings"] = json::Json::array();
  for (const auto& setting : settings) {
    if (as_json)
      value["settings"].push_back({{"key", setting.key}, {"value", setting.value}, {"source", setting.source}});
    else
      out(setting.key, " = ", setting.value, "  (", setting.source, ")\n");
  }
  if (as_json) out_json(value);
  return 0;
}

int print_debug(const Config& config) {
  out("Files, weakest first\n");
  for (const auto& file : config.files())
    out("  ", file.kind, ": ", file.path.string(), file.exists ? "" : " (absent)", "\n");
  out("Settings, weakest first; the last of a key wins\n");
  for (const auto& setting : config.ignored())
    out("  ", setting.key, " = ", shown_value(setting), "  (", setting.source, ") (ignored: not trusted)\n");
  for (const auto& setting : config.all()) {
    out("  ", setting.key, " = ", shown_value(setting), "  (", setting.source, ")",
        config.find(setting.key) == &setting ? "" : " (overruled)", "\n");
  }
  return 0;
}

int print_debug_json(const Config& config) {
  auto value = result_json("config debug");
  value["files"] = json::Json::array();
  for (const auto& file : config.files())
    value["files"].push_back({{"kind", std::string(file.kind)}, {"path", file.path.string()}, {"exists", file.exists}});
  value["settings"] = json::Json::array();
  const auto add = [&](const Setting& setting, std::string_view standing) {
    value["settings"].push_back({{"key", setting.key},
                                 {"value", shown_value(setting)},
                                 {"source", setting.source},
                                 {"standing", std::string(standing)}});
  };
  for (const auto& setting : config.ignored()) add(setting, "ignored");
  for (const auto& setting : config.all()) add(setting, config.find(setting.key) == &setting ? "counts" : "overruled");
  out_json(value);
  return 0;
}

// ---- the table of settings

constexpr std::string_view word_for(ops::SettingKind kind) {
  using enum ops::SettingKind;
  switch (kind) {
    case flag:
      return "flag";
    case count:
      return "count";
    case text:
      return "text";
    case choice:
      return "choice";
    case integer:
      return "number";
    case seconds:
      return "seconds";
    case list:
      return "list";
    case lines:
      return "lines";
  }
  return {};
}

constexpr std::string_view word_for(ops::ProjectMay may) {
  return may == ops::ProjectMay::set       ? "yes"
         : may == ops::ProjectMay::not_set ? "when trusted"
         : may == ops::ProjectMay::never   ? "never"
                                           : "where you say nothing";
}

json::Json setting_json(const ops::CommandLineSetting& setting) {
  json::Json names = json::Json::array();
  for (const auto name : ops::names_of(setting))
    if (name != setting.name) names.push_back(std::string(name));
  return {{"name", std::string(setting.name)},     {"kind", std::string(word_for(setting.kind))},
          {"flags", std::string(setting.flags)},   {"values", std::string(setting.words)},
          {"default", std::string(setting.usual)}, {"help", std::string(setting.help)},
          {"other_names", std::move(names)},       {"project_may", std::string(word_for(setting.project_may))}};
}

int print_settings(bool as_json) {
  auto value = result_json("config settings");
  value["settings"] = json::Json::array();
  for (const auto& setting : ops::command_line_settings()) {
    if (as_json)
      value["settings"].push_back(setting_json(setting));
    else
      out(setting.name, std::string(setting.name.size() < 28 ? 28 - setting.name.size() : 1, ' '), setting.help,
          setting.usual.empty() ? "" : cat(" (", setting.usual, ")"), "\n");
  }
  value["accepted"] = json::Json::array();
  for (const auto& option : accepted_options())
    value["accepted"].push_back({{"flags", std::string(option.flags)}, {"why", std::string(option.why)}});
  if (as_json) out_json(value);
  return 0;
}

// A value that no command would take is not written.
Status check_value(const SettingName& name, const std::string& value) {
  const auto* setting = ops::find_setting(canonical_key(name.key));
  if (setting == nullptr) return ok_status();
  const auto fault = ops::fault_of_value(*setting, value);
  return fault ? Status(make_error(ErrorKind::usage, cat(quote(name.key), " ", *fault))) : ok_status();
}

// ---- trust

Result<ops::TrustedProject> asked_trust(const Invocation& invocation, const std::string& place,
                                        std::vector<std::string>& keys) {
  if (!place.empty() && !fs::is_directory(place)) return ops::script_trust(fs::Path(place));
  auto words = invocation;
  if (!place.empty()) words.words.push_back(cat("--project=", place));
  PKG_TRY_ASSIGN(const auto config, CommandContext::load_config(words));
  const auto& project = config.project();
  if (project.place.empty())
    return make_error(ErrorKind::not_found, "there is no [tool.pkg] to trust here",
                      "`pkg config trust DIR` names the project");
  keys = project.keys;
  return ops::TrustedProject{project.place, project.digest};
}

Result<int> trust(const Invocation& invocation, const std::string& place) {
  std::vector<std::string> keys;
  PKG_TRY_ASSIGN(const auto asked, asked_trust(invocation, place, keys));
  PKG_TRY(ops::trust_project(asked.place, asked.digest, ops::state_folder(process_environment())));
  err("Trusted ", quote(asked.place.string()), keys.empty() ? "" : ": ", join(keys, ", "), "\n");
  return 0;
}

Result<int> untrust(const Invocation& invocation, const std::string& place) {
  // What is gone or cannot be read can be forgotten all the same.
  fs::Path folder = place.empty() ? fs::Path(".") : fs::Path(place);
  std::vector<std::string> keys;
  if (const auto asked = asked_trust(invocation, place, keys)) folder = asked->place;
  std::error_code failed;
  folder = std::filesystem::absolute(folder, failed);
  PKG_TRY_ASSIGN(const bool was_trusted, ops::untrust_project(folder, ops::state_folder(process_environment())));
  if (!was_trusted)
    return make_error(ErrorKind::not_found, cat(quote(folder.string()), " is not trusted"),
                      "see `pkg config trust --list`");
  err("Not trusted any more: ", quote(folder.string()), "\n");
  return 0;
}

Result<int> list_trusted(bool as_json) {
  PKG_TRY_ASSIGN(const auto projects, ops::trusted_projects(ops::state_folder(process_environment())));
  auto value = result_json("config trust");
  value["projects"] = json::Json::array();
  for (const auto& project : projects) {
    value["projects"].push_back({{"place", project.place.string()}, {"digest", project.digest}});
    if (!as_json) out(project.place.string(), "\n");
  }
  if (as_json) out_json(value);
  return 0;
}

SettingName name_of(const std::string& text) {
  const auto dot = text.find('.');
  return dot == std::string::npos ? SettingName{"global", text}
                                  : SettingName{text.substr(0, dot), text.substr(dot + 1)};
}

Result<std::string> shown_setting(const Config& config, ConfigScope scope, const SettingName& name) {
  if (scope == ConfigScope::any && name.section == "global") {
    if (const auto* setting = config.find(canonical_key(name.key))) return shown_value(*setting);
  } else {
    PKG_TRY_ASSIGN(const auto settings, settings_in_files(config, scope));
    for (auto at = settings.rbegin(); at != settings.rend(); ++at) {
      if (at->section == name.section && at->key == name.key) return shown(at->value);
    }
  }
  return make_error(ErrorKind::not_found, cat("no setting ", quote(cat(name.section, ".", name.key))));
}

Result<int> print_one(const Config& config, ConfigScope scope, const SettingName& name, bool as_json) {
  PKG_TRY_ASSIGN(const auto shown, shown_setting(config, scope, name));
  if (as_json) {
    auto value = result_json("config get");
    value["key"] = cat(name.section, ".", name.key);
    value["value"] = shown;
    out_json(value);
  } else {
    out(shown, "\n");
  }
  return 0;
}

Result<int> change(const fs::Path& path, const SettingName& name, const std::string* value) {
  std::string text;
  if (fs::exists(path)) {
    PKG_TRY_ASSIGN(text, fs::read_file_at_most(path, limits::kSettings));
  }
  const auto changed =
      value != nullptr ? ini_with(text, name.section, name.key, *value) : ini_without(text, name.section, name.key);
  if (value == nullptr && changed == text) {
    return make_error(ErrorKind::not_found,
                      cat(quote(path.string()), " has no ", quote(cat(name.section, ".", name.key))));
  }
  PKG_TRY(fs::make_dirs(path.parent_path()));
  PKG_TRY(fs::publish(path, changed));
  err("Wrote ", quote(path.string()), "\n");
  return 0;
}

Result<int> edit(const fs::Path& path, std::string editor) {
  for (const char* name : {"VISUAL", "EDITOR"}) {
    const char* value = variable(name);
    if (editor.empty() && value != nullptr) editor = value;
  }
  if (editor.empty())
    return make_error(ErrorKind::usage, "no editor is known", "set VISUAL or EDITOR, or give --editor");
  PKG_TRY(fs::make_dirs(path.parent_path()));
  PKG_TRY_ASSIGN(const int code, run_editor(editor, path));
  if (code != 0) return make_error(ErrorKind::io, cat("the editor ended with exit code ", code));
  return 0;
}

}  // namespace

Result<int> config_command(const Invocation& invocation) {
  GlobalOptions global;
  std::string action, name, value, editor;
  bool user = false, site = false, everywhere = false, list = false;
  PKG_TRY_ASSIGN(const auto config, CommandContext::load_config(invocation));
  OptionParser parser(invocation,
                      "Show settings and where they come from, or change one of pip's files; trust a project's.",
                      "pkg config set global.timeout 30");
  parser.positional("list|get|set|unset|edit|debug|settings|trust|untrust", action, "What to do", true);
  parser.positional("KEY", name,
                    "Which setting, as in global.index-url (the section may be left out); for `trust` and `untrust` a "
                    "folder or script");
  parser.positional("VALUE", value, "The new value, for `set`");
  parser.flag("--user", user, "Look at or change the user's file, which is changed by default");
  parser.flag("--site", site,
              "Look at or change the active environment's file, which is changed by default where it exists");
  parser.flag("--global", everywhere, "Look at or change the system's file");
  parser.text("--editor", editor, "Let `edit` start this program instead of VISUAL or EDITOR", "PROGRAM");
  parser.flag("--list", list, "Let `trust` list what is trusted");
  add_global_options(parser, global);
  PKG_TRY_ASSIGN(const bool go_on, parser.parse());
  if (!go_on) return 0;
  if (user + site + everywhere > 1)
    return make_error(ErrorKind::usage, "--user, --site and --global exclude each other");
  const auto scope = user         ? ConfigScope::user
                     : site       ? ConfigScope::site
                     : everywhere ? ConfigScope::global
                                  : ConfigScope::any;
  if (action == "list") return print_list(config, scope, global.json);
  if (action == "debug") return global.json ? print_debug_json(config) : print_debug(config);
  if (action == "settings") return print_settings(global.json);
  if (action == "trust") return list ? list_trusted(global.json) : trust(invocation, name);
  if (action == "untrust") return untrust(invocation, name);
  if (action == "edit") {
    PKG_TRY_ASSIGN(const auto path, editable_file(scope, variable, invocation.start.system_pip_file));
    return edit(path, editor);
  }
  if (action != "get" && action != "set" && action != "unset")
    return make_error(ErrorKind::usage, cat("`pkg config` has no action ", quote(action)),
                      "list, get, set, unset, edit, debug, settings, trust or untrust");
  if (name.empty())
    return make_error(ErrorKind::usage, cat("`pkg config ", action, "` needs a key"), "as in global.index-url");
  if (action == "get") return print_one(config, scope, name_of(name), global.json);
  PKG_TRY_ASSIGN(const auto path, editable_file(scope, variable, invocation.start.system_pip_file));
  if (action == "set") PKG_TRY(check_value(name_of(name), value));
  return change(path, name_of(name), action == "set" ? &value : nullptr);
}

}  // namespace pkg::cli
