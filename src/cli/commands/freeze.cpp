#include "ops/inspect/freeze.h"

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/command_setup.h"
#include "cli/options/options.h"
#include "cli/output/output.h"
#include "cli/output/render.h"

namespace pkg::cli {

Result<int> freeze_command(const Invocation& invocation) {
  ops::FreezeOptions options;
  bool local = false;
  PKG_TRY_ASSIGN(auto setup, CommandSetup::begin(invocation, "Print what is installed as requirements.",
                                                 "pkg freeze > requirements.txt"));
  auto& parser = setup.parser();
  parser.list("-r,--requirement,--requirements", options.requirements_files,
              "Keep the order, comments and options of this file", "FILE");
  parser.flag("--all", options.all, "Print pip, setuptools and wheel, too");
  parser.flag("--exclude-editable", options.list.exclude_editable, "Leave out what is installed in place");
  parser.flag("-l,--local", local, "Accepted for pip's sake: only this environment is listed anyway");
  parser.list("--exclude", options.list.exclude, "Leave out this package", "NAME");
  parser.list("--path", options.list.paths, "Print this folder of packages instead", "DIR");
  add_environment_options(parser, options.list.environment, false);
  parser.setting("user", options.list.environment.user, "Print what is installed for this user");
  PKG_TRY_ASSIGN(auto context, setup.finish(Asks::no_index));
  if (!context) return 0;
  PKG_TRY_ASSIGN(const auto lines, ops::freeze(options, context->session()));
  if (context->global().json) {
    auto value = result_json("freeze");
    value["requirements"] = json::Json::array();
    for (const auto& line : lines) {
      if (line.is_requirement) value["requirements"].push_back(line.text);
    }
    out_json(value);
    return 0;
  }
  for (const auto& line : lines) out(line.text, "\n");
  return 0;
}

}  // namespace pkg::cli
