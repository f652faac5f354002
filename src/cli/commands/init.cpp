#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/command_context.h"
#include "cli/options/options.h"
#include "cli/output/output.h"
#include "cli/output/render.h"
#include "ops/edit/init_project.h"

namespace pkg::cli {

Result<int> init_command(const Invocation& invocation) {
  GlobalOptions global;
  IndexOptions index;
  ops::InitOptions options;
  bool app = false;
  PKG_TRY_ASSIGN(const auto config, CommandContext::load_config(invocation));
  apply_config(config, index);

  OptionParser parser(invocation, "Start a project: pyproject.toml and the first files beside it.",
                      "pkg init --lib geometry");
  parser.positional("DIR", options.folder, "Where to start it (default: here)");
  parser.text("--name", options.name, "Give the project this name (default: the folder's)", "NAME");
  parser.flag("--app", app, "Start an application with a main.py (default)");
  parser.flag("--lib", options.library, "Start a library with src/NAME/__init__.py and a build system");
  parser.flag("--bare", options.bare, "Write pyproject.toml and nothing else");
  parser.text("-p,--python", options.python, "Require this Python or newer: a version, or an interpreter's",
              "PATH|VERSION");
  parser.choice("--build-backend", options.build_backend, ops::build_backends(),
                "Build it with this backend; an application becomes a package then");
  add_cache_options(parser, index);
  add_global_options(parser, global);
  PKG_TRY_ASSIGN(const bool go_on, parser.parse());
  if (!go_on) return 0;
  if (app && options.library) return make_error(ErrorKind::usage, "only one of --app and --lib can be given");
  PKG_TRY_ASSIGN(auto context, CommandContext::make(invocation, global, index, config));
  PKG_TRY_ASSIGN(const auto report, ops::init_project(options, context.session()));
  if (global.json) {
    auto value = result_json("init");
    value["folder"] = report.folder.string();
    value["name"] = report.name;
    value["requires_python"] = report.requires_python;
    value["written"] = report.written;
    value["kept"] = report.kept;
    out_json(value);
  } else if (context.says(0)) {
    for (const auto& file : report.written) err("+ ", file, "\n");
    for (const auto& file : report.kept) err("= ", file, " (was there)\n");
    err("Began ", quote(report.name), " in ", quote(report.folder.string()), " for Python ", report.requires_python,
        "\n");
  }
  return 0;
}

}  // namespace pkg::cli
