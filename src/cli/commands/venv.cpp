#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/command_context.h"
#include "cli/config/take.h"
#include "cli/options/options.h"
#include "cli/output/output.h"
#include "cli/output/render.h"
#include "ops/install/venv.h"

namespace pkg::cli {

Result<int> venv_command(const Invocation& invocation) {
  GlobalOptions global;
  IndexOptions index;
  ops::VenvOptions options;
  bool clear = false, allow_existing = false;
  PKG_TRY_ASSIGN(const auto config, CommandContext::load_config(invocation));
  apply_config(config, index);
  take(config, "seed", options.seed);

  OptionParser parser(invocation, "Make an environment.", "pkg venv --python 3.12");
  parser.positional("DIR", options.folder, "Where to make it (default: .venv, or what the project names)");
  parser.text("-p,--python", options.python, "Make it from this interpreter: a path, a name or a version",
              "PATH|VERSION");
  parser.text("--prompt", options.prompt, "Show this name in the prompt", "NAME");
  parser.flag("--system-site-packages", options.system_site_packages,
              "Let the environment see the interpreter's own packages");
  parser.flag("--copies", options.copies, "Copy the interpreter instead of linking it");
  parser.flag("--relocatable", options.relocatable, "Let its scripts work wherever its folder is moved or copied to");
  parser.setting("seed", options.seed);
  parser.flag("--clear", clear, "Replace the environment that is there");
  parser.flag("--allow-existing", allow_existing, "Keep what is there and add what is missing");
  add_index_options(parser, index);
  add_global_options(parser, global);
  PKG_TRY_ASSIGN(const bool go_on, parser.parse());
  if (!go_on) return 0;
  options.if_exists = clear ? venv::IfExists::clear : allow_existing ? venv::IfExists::keep : venv::IfExists::fail;
  PKG_TRY_ASSIGN(auto context, CommandContext::make(invocation, global, index, config));
  PKG_TRY_ASSIGN(const auto report, ops::make_venv(options, context.session()));
  if (global.json) {
    auto value = result_json("venv");
    value["environment"] = report.folder.string();
    value["base_python"] = report.base_python.string();
    value["implementation"] = report.implementation;
    value["version"] = report.version;
    value["seeded"] = report.seeded;
    out_json(value);
  } else if (context.says(0)) {
    err("Made ", quote(report.folder.string()), " with ", report.implementation, " ", report.version, " (",
        quote(report.base_python.string()), ")\n");
    for (const auto& seed : report.seeded) err("+ ", seed, "\n");
    err("Activate it: source ", quote((report.folder / "bin/activate").string()), "\n");
  }
  return 0;
}

}  // namespace pkg::cli
