#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/command_context.h"
#include "cli/options/options.h"
#include "cli/output/output.h"
#include "cli/output/render.h"
#include "ops/edit/init_files.h"
#include "ops/edit/init_project.h"

namespace pkg::cli {
namespace {

struct InitFlags {
  bool app = false, pin_python = false, no_pin_python = false;
  std::string vcs;
};

Status apply_flags(const InitFlags& flags, ops::InitOptions& options) {
  if (flags.app + options.library + options.script > 1)
    return make_error(ErrorKind::usage, "only one of --app, --lib and --script can be given");
  if (flags.pin_python && flags.no_pin_python)
    return make_error(ErrorKind::usage, "only one of --pin-python and --no-pin-python can be given");
  if (flags.pin_python) options.pin_python = true;
  if (flags.no_pin_python) options.pin_python = false;
  if (flags.vcs == "git") options.vcs = ops::InitVcs::git;
  if (flags.vcs == "none") options.vcs = ops::InitVcs::none;
  return ok_status();
}

json::Json init_json(const ops::InitReport& report) {
  auto value = result_json("init");
  value["folder"] = report.folder.string();
  value["name"] = report.name;
  if (!report.script.empty()) value["script"] = report.script;
  value["requires_python"] = report.requires_python;
  value["written"] = report.written;
  value["kept"] = report.kept;
  value["repository"] = report.repository;
  if (!report.workspace.empty()) value["workspace"] = report.workspace.string();
  return value;
}

void tell_init(const ops::InitReport& report) {
  for (const auto& file : report.written) err("+ ", file, "\n");
  for (const auto& file : report.kept) err("= ", file, " (was there)\n");
  if (report.repository) err("+ .git (an empty repository)\n");
  err("Began ", quote(report.name), " in ", quote(report.folder.string()), " for Python ", report.requires_python,
      "\n");
  if (!report.workspace.empty())
    err(report.joined ? "It is a new member" : "It is a member", " of the workspace ", quote(report.workspace.string()),
        "\n");
}

}  // namespace

Result<int> init_command(const Invocation& invocation) {
  GlobalOptions global;
  IndexOptions index;
  ops::InitOptions options;
  InitFlags flags;
  PKG_TRY_ASSIGN(const auto config, CommandContext::load_config(invocation));
  apply_config(config, index);

  OptionParser parser(invocation,
                      "Start a project: pyproject.toml and the first files beside it, in a repository; or a script.",
                      "pkg init --lib geometry");
  parser.positional("DIR", options.folder, "Where to start it (default: here); with --script the file");
  parser.text("--name", options.name, "Give the project this name (default: the folder's)", "NAME");
  parser.text("--description", options.description, "Write this description into [project]", "TEXT");
  parser.flag("--app", flags.app, "Start an application with a main.py (default)");
  parser.flag("--lib", options.library, "Start a library with src/NAME/__init__.py and a build system");
  parser.flag("--package", options.package,
              "Make the application a package: in src/NAME/, with a build system and a "
              "command");
  parser.flag("--script", options.script, "Start a script with a `# /// script` block instead of a project");
  parser.flag("--bare", options.bare, "Write pyproject.toml, and nothing else that is not asked for");
  parser.text("-p,--python", options.python, "Require this Python or newer: a version, or an interpreter's",
              "PATH|VERSION");
  parser.choice("--build-backend", options.build_backend, ops::build_backends(),
                "Build it with this backend; an application becomes a package then");
  parser.flag("--no-readme", options.no_readme, "Write no README.md");
  parser.flag("--pin-python", flags.pin_python, "Write .python-version, with --bare and in a workspace, too");
  parser.flag("--no-pin-python", flags.no_pin_python, "Write no .python-version");
  parser.choice("--vcs", flags.vcs, {"git", "none"},
                "Make a repository, with a .gitignore (default: git where it is installed and the folder is in none)");
  parser.flag("--no-workspace", options.no_workspace, "Stay out of the workspace around it");
  add_cache_options(parser, index);
  add_global_options(parser, global);
  PKG_TRY_ASSIGN(const bool go_on, parser.parse());
  if (!go_on) return 0;
  PKG_TRY(apply_flags(flags, options));
  PKG_TRY_ASSIGN(auto context, CommandContext::make(invocation, global, index, config));
  PKG_TRY_ASSIGN(const auto report, ops::init_project(options, context.session()));
  if (global.json)
    out_json(init_json(report));
  else if (context.says(0))
    tell_init(report);
  return 0;
}

}  // namespace pkg::cli
