#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/command_context.h"
#include "cli/options/options.h"
#include "cli/output/output.h"
#include "cli/output/render.h"
#include "ops/environment/environment_interpreter.h"
#include "venv/interpreter/interpreter.h"

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

Result<int> list_interpreters(CommandContext& context) {
  PKG_TRY_ASSIGN(const auto found, venv::list_interpreters(context.session().cache_dir()));
  if (context.global().json) {
    auto value = result_json("python list");
    value["interpreters"] = json::Json::array();
    for (const auto& interpreter : found) value["interpreters"].push_back(interpreter_json(interpreter));
    out_json(value);
    return 0;
  }
  for (const auto& interpreter : found) out(interpreter_line(interpreter));
  return 0;
}

Result<int> find_interpreter(const std::string& request, CommandContext& context) {
  PKG_TRY_ASSIGN(const auto interpreter,
                 venv::find_interpreter(request, context.session().cache_dir(), ops::no_leave()));
  if (context.global().json) {
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
  PKG_TRY_ASSIGN(const auto config, CommandContext::load_config(invocation));
  apply_config(config, index);
  OptionParser parser(invocation, "List the interpreters of this machine, or find one.", "pkg python find '>=3.11'");
  parser.positional("list|find", action, "What to do", true);
  parser.positional("VERSION", request, "What to find: a version, a name or a path");
  add_cache_options(parser, index);
  add_global_options(parser, global);
  PKG_TRY_ASSIGN(const bool go_on, parser.parse());
  if (!go_on) return 0;
  PKG_TRY_ASSIGN(auto context, CommandContext::make(invocation, global, index, config));
  if (action == "list") return list_interpreters(context);
  if (action == "find") return find_interpreter(request, context);
  return make_error(ErrorKind::usage, cat("`pkg python` has no action ", quote(action)), "list or find");
}

}  // namespace pkg::cli
