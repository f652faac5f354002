#include <algorithm>
#include <nlohmann/json.hpp>
#include <tuple>

#include "base/json.h"
#include "base/text.h"
#include "base/user_programs.h"
#include "cli/command.h"
#include "cli/command_context.h"
#include "cli/options/options.h"
#include "cli/output/output.h"
#include "cli/output/render.h"
#include "ops/environment/environment_interpreter.h"
#include "ops/pythons/python_pin.h"
#include "ops/pythons/python_store.h"
#include "ops/pythons/pythons.h"
#include "venv/interpreter/interpreter.h"

namespace pkg::cli {
namespace {

struct PythonWords {
  std::string action;
  std::vector<std::string> requests;
  ops::PythonInstallOptions install;
  bool only_downloads = false, only_installed = false, all = false, global = false, bin = false;
};

json::Json interpreter_json(const venv::Interpreter& interpreter) {
  return {{"path", interpreter.executable.string()},
          {"implementation", interpreter.facts.implementation},
          {"version", interpreter.target.environment.python_full_version},
          {"free_threaded", interpreter.facts.gil_disabled},
          {"virtual", interpreter.is_virtual()},
          {"externally_managed", interpreter.externally_managed.has_value()},
          {"managed", venv::is_managed(interpreter.real_executable)}};
}

json::Json key_json(const venv::PythonKey& key) {
  return {{"name", key.name()},
          {"implementation", key.implementation},
          {"version", key.version},
          {"free_threaded", key.gil_disabled},
          {"debug", key.debug}};
}

Text interpreter_line(const venv::Interpreter& interpreter) {
  return Text(interpreter.facts.implementation, "-", interpreter.target.environment.python_full_version,
              interpreter.facts.gil_disabled ? "t" : "", interpreter.facts.debug ? "d" : "", " ",
              interpreter.executable.string(), venv::is_managed(interpreter.real_executable) ? " (managed)" : "", "\n");
}

Text key_text(const venv::PythonKey& key) {
  const auto variant = key.variant();
  return Text(key.implementation, " ", key.version, variant.empty() ? "" : "+", variant);
}

bool is_here(const venv::PythonKey& key, const std::vector<venv::Interpreter>& pythons) {
  return std::ranges::any_of(pythons, [&](const auto& one) {
    return one.facts.implementation == key.implementation && one.facts.gil_disabled == key.gil_disabled &&
           one.facts.debug == key.debug && one.target.environment.python_full_version == key.version;
  });
}

// What the catalogue offers: asked over the network only where that is what was asked for.
Result<std::vector<ops::CatalogEntry>> downloads(const PythonWords& words, CommandContext& context,
                                                 const std::vector<venv::Interpreter>& here) {
  std::vector<ops::CatalogEntry> found;
  auto& session = context.session();
  if (words.only_installed || (!words.only_downloads && !ops::is_catalog_at_hand(session))) return found;
  PKG_TRY_ASSIGN(const auto catalog, ops::load_python_catalog(session));
  for (const auto* entry : catalog.newest(venv::host_platform()))
    if (!is_here(entry->key, here)) found.push_back(*entry);
  return found;
}

Result<int> list_pythons(const PythonWords& words, CommandContext& context) {
  PKG_TRY_ASSIGN(auto here, venv::list_interpreters(context.session().cache_dir()));
  PKG_TRY_ASSIGN(const auto offered, downloads(words, context, here));
  if (words.only_downloads) here.clear();
  if (context.global().json) {
    auto value = result_json("python list");
    value["interpreters"] = json::Json::array();
    for (const auto& interpreter : here) value["interpreters"].push_back(interpreter_json(interpreter));
    value["downloads"] = json::Json::array();
    for (const auto& entry : offered) {
      auto one = key_json(entry.key);
      one["url"] = entry.url.shown();
      one["bytes"] = entry.size_bytes > 0 ? json::Json(entry.size_bytes) : json::Json(nullptr);
      value["downloads"].push_back(std::move(one));
    }
    out_json(value);
    return 0;
  }
  for (const auto& interpreter : here) out(interpreter_line(interpreter));
  for (const auto& entry : offered)
    out(entry.key.implementation, "-", entry.key.version, entry.key.gil_disabled ? "t" : "", entry.key.debug ? "d" : "",
        " can be installed\n");
  return 0;
}

Result<int> find_python(const std::string& request, CommandContext& context) {
  PKG_TRY_ASSIGN(const auto interpreter,
                 ops::find_or_install_python(request, ops::no_leave(), context.session(), false));
  if (context.global().json) {
    auto value = result_json("python find");
    value["interpreter"] = interpreter_json(interpreter);
    out_json(value);
    return 0;
  }
  out(interpreter.executable.string(), "\n");
  return 0;
}

std::string_view word_for(ops::PythonChange::Kind kind) {
  using Kind = ops::PythonChange::Kind;
  return kind == Kind::installed  ? "installed"
         : kind == Kind::upgraded ? "upgraded"
         : kind == Kind::removed  ? "removed"
                                  : "present";
}

void print_change(const ops::PythonChange& change) {
  using Kind = ops::PythonChange::Kind;
  if (change.kind == Kind::installed) err("+ ", key_text(change.key), " ", change.python.string(), "\n");
  if (change.kind == Kind::upgraded)
    err("~ ", change.key.implementation, " ", change.from_version, " -> ", key_text(change.key), " ",
        change.python.string(), "\n");
  if (change.kind == Kind::present) err(key_text(change.key), " is there: ", change.python.string(), "\n");
  if (change.kind == Kind::removed) err("- ", key_text(change.key), "\n");
  for (const auto& link : change.links) err(change.kind == Kind::removed ? "- " : "+ ", link.string(), "\n");
}

int print_changes(const std::vector<ops::PythonChange>& changes, const std::string& action, CommandContext& context) {
  if (context.global().json) {
    auto value = result_json(cat("python ", action));
    value["changes"] = json::Json::array();
    for (const auto& change : changes) {
      auto one = key_json(change.key);
      one["outcome"] = word_for(change.kind);
      one["path"] = change.python.string();
      one["from_version"] = change.from_version.empty() ? json::Json(nullptr) : json::Json(change.from_version);
      one["links"] = json::Json::array();
      for (const auto& link : change.links) one["links"].push_back(link.string());
      value["changes"].push_back(std::move(one));
    }
    out_json(value);
    return 0;
  }
  if (!context.says(0)) return 0;
  if (changes.empty()) err("pkg has installed no Python\n");
  for (const auto& change : changes) print_change(change);
  return 0;
}

Result<int> pin_python(const PythonWords& words, CommandContext& context) {
  const auto request = words.requests.empty() ? std::string() : words.requests.front();
  PKG_TRY_ASSIGN(const auto pin, ops::pin_python(request, words.global, context.session()));
  if (context.global().json) {
    auto value = result_json("python pin");
    value["file"] = pin.file.string();
    value["request"] = pin.request;
    value["changed"] = pin.is_changed;
    out_json(value);
  } else if (request.empty()) {
    out(pin.request, "\n");
  } else if (context.says(0)) {
    err(pin.is_changed ? "Pinned " : "Already pinned: ", pin.request, " in ", quote(pin.file.string()), "\n");
  }
  return 0;
}

Result<int> print_folder(const PythonWords& words, CommandContext& context) {
  PKG_TRY_ASSIGN(const auto folder, words.bin ? user_programs::folder() : ops::python_folder());
  if (context.global().json) {
    auto value = result_json("python dir");
    value["folder"] = folder.string();
    out_json(value);
    return 0;
  }
  out(folder.string(), "\n");
  return 0;
}

// An option that another action has would be passed over in silence.
Status check_options(const PythonWords& words) {
  const std::tuple<bool, std::string_view, std::string_view> options[] = {
      {words.install.reinstall, "--reinstall", "install"},
      {words.install.links, "--links", "install"},
      {words.install.is_default, "--default", "install"},
      {words.install.force, "--force", "install"},
      {words.all, "--all", "uninstall"},
      {words.only_downloads, "--only-downloads", "list"},
      {words.only_installed, "--only-installed", "list"},
      {words.global, "--global", "pin"},
      {words.bin, "--bin", "dir"}};
  for (const auto& [is_given, option, action] : options) {
    if (is_given && words.action != action)
      return make_error(ErrorKind::usage, cat(option, " is an option of `pkg python ", action, "`, not of `pkg python ",
                                              words.action, "`"));
  }
  return ok_status();
}

Status check_words(const PythonWords& words) {
  const bool is_about_one = words.action == "find" || words.action == "pin";
  const bool takes_none = words.action == "list" || words.action == "dir";
  if (words.only_downloads && words.only_installed)
    return make_error(ErrorKind::usage, "--only-downloads and --only-installed exclude each other");
  if ((is_about_one && words.requests.size() > 1) || (takes_none && !words.requests.empty()))
    return make_error(ErrorKind::usage, cat("`pkg python ", words.action, "` takes ", takes_none ? "no" : "one",
                                            " version, not ", quote(words.requests.back())));
  return ok_status();
}

Result<int> act(PythonWords& words, CommandContext& context) {
  auto& session = context.session();
  const auto& action = words.action;
  if (action == "list") return list_pythons(words, context);
  if (action == "find") return find_python(words.requests.empty() ? std::string() : words.requests.front(), context);
  if (action == "pin") return pin_python(words, context);
  if (action == "dir") return print_folder(words, context);
  if (action == "install") {
    words.install.requests = words.requests;
    PKG_TRY_ASSIGN(const auto changes, ops::install_pythons(words.install, session));
    return print_changes(changes, action, context);
  }
  if (action == "upgrade") {
    PKG_TRY_ASSIGN(const auto changes, ops::upgrade_pythons(words.requests, session));
    return print_changes(changes, action, context);
  }
  if (action == "uninstall") {
    PKG_TRY_ASSIGN(const auto changes, ops::uninstall_pythons(words.requests, words.all));
    return print_changes(changes, action, context);
  }
  return make_error(ErrorKind::usage, cat("`pkg python` has no action ", quote(action)),
                    "list, find, install, upgrade, uninstall, pin or dir");
}

}  // namespace

Result<int> python_command(const Invocation& invocation) {
  GlobalOptions global;
  IndexOptions index;
  PythonWords words;
  PKG_TRY_ASSIGN(const auto config, CommandContext::load_config(invocation));
  apply_config(config, index);
  OptionParser parser(invocation, "List, find, install, upgrade, remove or pin Pythons.", "pkg python install 3.13");
  parser.positional("list|find|install|upgrade|uninstall|pin|dir", words.action, "What to do", true);
  parser.positionals("VERSION", words.requests, "Which Python: a version, a range, a name; to find it also a path");
  parser.setting("force-reinstall", words.install.reinstall, "Let `install` fetch again what is there");
  parser.flag("--links", words.install.links, "Let `install` make a link such as python3.13 among your programs");
  parser.flag("--default", words.install.is_default, "Let `install` make the links python3 and python, too");
  parser.flag("--force", words.install.force, "Let `install` replace what somebody else put where a link goes");
  parser.flag("--all", words.all, "Let `uninstall` remove every Python that pkg installed");
  parser.flag("--only-downloads", words.only_downloads, "List what could be installed");
  parser.flag("--only-installed", words.only_installed, "List what is here");
  parser.flag("--global", words.global, "Pin for every folder that says nothing itself");
  parser.flag("--bin", words.bin, "Let `dir` print the folder of your programs, where links go");
  add_index_options(parser, index);
  add_global_options(parser, global);
  PKG_TRY_ASSIGN(const bool go_on, parser.parse());
  if (!go_on) return 0;
  PKG_TRY(check_options(words));
  PKG_TRY(check_words(words));
  PKG_TRY_ASSIGN(auto context, CommandContext::make(invocation, global, index, config));
  return act(words, context);
}

}  // namespace pkg::cli
