#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <set>

#include "base/fs.h"
#include "base/json.h"
#include "base/text.h"
#include "base/url.h"
#include "cli/command.h"
#include "cli/config_edit.h"
#include "cli/front.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/render.h"

namespace pkg::cli {
namespace {

std::string shown_value(const Setting& setting) {
  std::vector<std::string> values;
  for (const auto& value : setting.values) values.push_back(printable(url::redact(value)));
  return join(values, " ");
}

// The settings in force, by key.
std::vector<const Setting*> in_force(const Config& config) {
  std::set<std::string> keys;
  for (const auto& setting : config.all()) keys.insert(setting.key);
  std::vector<const Setting*> settings;
  for (const auto& key : keys) settings.push_back(config.find(key));
  return settings;
}

int print_list(const Config& config, bool as_json) {
  auto value = result_json("config list");
  value["settings"] = json::Json::array();
  for (const auto* setting : in_force(config)) {
    if (as_json)
      value["settings"].push_back({{"key", setting->key}, {"value", shown_value(*setting)}, {"source", setting->source}});
    else
      out(cat(setting->key, " = ", shown_value(*setting), "  (", printable(setting->source), ")\n"));
  }
  if (as_json) out(json::dump(value, 2) + "\n");
  return 0;
}

int print_debug(const Config& config) {
  out("Files, weakest first\n");
  for (const auto& file : config.files())
    out(cat("  ", file.kind, ": ", printable(file.path.string()), file.exists ? "" : " (absent)", "\n"));
  out("Settings, weakest first; the last of a key wins\n");
  for (const auto& setting : config.all()) {
    out(cat("  ", setting.key, " = ", shown_value(setting), "  (", printable(setting.source), ")",
            config.find(setting.key) == &setting ? "" : " (overruled)", "\n"));
  }
  return 0;
}

}  // namespace

Result<int> config_command(const Invocation& invocation) {
  GlobalOptions global;
  std::string action, name, value;
  bool user = false, site = false, everywhere = false;
  PKG_TRY_ASSIGN(const auto config, Front::load_config(invocation));
  OptionParser parser(invocation, "Show settings and where they come from, or change pip's per-user file.",
                      "pkg config set global.timeout 30");
  parser.positional("list|get|set|unset|debug", action, "What to do", true);
  parser.positional("KEY", name, "As in global.index-url; the section may be left out");
  parser.positional("VALUE", value, "set: the new value");
  parser.flag("--user", user, "The per-user file (the default)");
  parser.flag("--site", site, "The environment's file");
  parser.flag("--global", everywhere, "The system's file");
  add_global_options(parser, global);
  PKG_TRY_ASSIGN(const bool go_on, parser.parse());
  if (!go_on) return 0;
  if (action == "list") return print_list(config, global.json);
  if (action == "debug") return print_debug(config);
  if (name.empty()) return make_error(ErrorKind::usage, cat("`pkg config ", action, "` needs a key"), "as in global.index-url");
  const auto dot = name.find('.');
  const auto section = dot == std::string::npos ? std::string("global") : name.substr(0, dot);
  const auto key = dot == std::string::npos ? name : name.substr(dot + 1);
  if (action == "get") {
    const auto* setting = config.find(key);
    if (setting == nullptr) return make_error(ErrorKind::not_found, cat("no setting ", quote(key)));
    out(cat(shown_value(*setting), "\n"));
    return 0;
  }
  auto path = user_pip_file([](const char* variable) { return std::getenv(variable); });
  if (everywhere) path = "/etc/pip.conf";
  if (const char* venv = std::getenv("VIRTUAL_ENV"); site && venv != nullptr) path = fs::Path(venv) / "pip.conf";
  std::string text;
  if (fs::exists(path)) {
    PKG_TRY_ASSIGN(text, fs::read_file(path));
  }
  if (action == "set") {
    PKG_TRY(fs::make_dirs(path.parent_path()));
    PKG_TRY(fs::publish(path, ini_with(text, section, key, value)));
  } else if (action == "unset") {
    const auto changed = ini_without(text, section, key);
    if (changed == text) return make_error(ErrorKind::not_found, cat(quote(path.string()), " has no ", quote(cat(section, ".", key))));
    PKG_TRY(fs::publish(path, changed));
  } else {
    return make_error(ErrorKind::usage, cat("`pkg config` has no action ", quote(action)), "list, get, set, unset or debug");
  }
  err(cat("Wrote ", quote(path.string()), "\n"));
  return 0;
}

}  // namespace pkg::cli
