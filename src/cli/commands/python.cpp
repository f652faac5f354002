#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/front.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/render.h"
#include "ops/environment_interpreter.h"
#include "venv/interpreter.h"

namespace pkg::cli {
namespace {

json::Json interpreter_json(const venv::Interpreter& interpreter) {
  return {{"path", interpreter.executable.string()},
          {"implementation", interpreter.facts.implementation},
          {"version", interpreter.target.environment.python_full_version},
          {"free_threaded", interpreter.facts.gil_disabled},
          {"virtual", interpreter.is_virtual()},
          {"externally_managed", interpreter.externally_managed.has_value()}};
}

Text interpreter_line(const venv::Interpreter& interpreter) {
  return Text(interpreter.facts.implementation, "-", interpreter.target.environment.python_full_version,
              interpreter.facts.gil_disabled ? "t" : "", " ", interpreter.executable.string(), "\n");
}

Result<int> list_interpreters(Front& front) {
  PKG_TRY_ASSIGN(const auto found, venv::list_interpreters(front.session().cache_dir()));
  if (front.global().json) {
    auto value = result_json("python list");
    value["interpreters"] = json::Json::array();
    for (const auto& interpreter : found) value["interpreters"].push_back(interpreter_json(interpreter));
    out_json(value);
    return 0;
  }
  for (const auto& interpreter : found) out(interpreter_line(interpreter));
  return 0;
}

Result<int> find_interpreter(const std::string& request, Front& front) {
  PKG_TRY_ASSIGN(const auto interpreter, venv::find_interpreter(request, front.session().cache_dir(), ops::no_leave()));
  if (front.global().json) {
    auto value = result_json("python find");
    value["interpreter"] = interpreter_json(interpreter);
    out_json(value);
    return 0;
  }
  out(interpreter.executable.string(), "\n");
  return 0;
}

}  // namespace

Result<int> python_command(const Invocation& invocation) {
  GlobalOptions global;
  IndexOptions index;
  std::string action, request;
  PKG_TRY_ASSIGN(const auto config, Front::load_config(invocation));
  apply_config(config, index);
  OptionParser parser(invocation, "List the interpreters of this machine, or find one.", "pkg python find '>=3.11'");
  parser.positional("list|find", action, "What to do", true);
  parser.positional("VERSION", request, "What to find: a version, a name or a path");
  add_cache_options(parser, index);
  add_global_options(parser, global);
  PKG_TRY_ASSIGN(const bool go_on, parser.parse());
  if (!go_on) return 0;
  PKG_TRY_ASSIGN(auto front, Front::make(global, index, config));
  if (action == "list") return list_interpreters(front);
  if (action == "find") return find_interpreter(request, front);
  return make_error(ErrorKind::usage, cat("`pkg python` has no action ", quote(action)), "list or find");
}

}  // namespace pkg::cli
