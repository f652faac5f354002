#include "cli/command.h"
#include "cli/output/edit_output.h"
#include "ops/edit/edit_project.h"

namespace pkg::cli {

Result<int> remove_command(const Invocation& invocation) {
  EditFlags flags;
  ops::RemoveOptions options;
  PKG_TRY_ASSIGN(const auto config, CommandContext::load_config(invocation));
  apply_config(config, flags.sync, options.edit.sync);

  OptionParser parser(invocation,
                      "Remove requirements from the project: from pyproject.toml, the lock and the environment.",
                      "pkg remove httpx --group test");
  parser.positionals("NAME", options.names, "What to remove");
  add_edit_options(parser, flags, options.edit);
  PKG_TRY_ASSIGN(const bool go_on, parser.parse());
  if (!go_on) return 0;
  if (options.names.empty()) return make_error(ErrorKind::usage, "nothing to remove was named", "pkg remove NAME");
  PKG_TRY_ASSIGN(auto context, make_context(invocation, flags, config, options.edit));
  PKG_TRY_ASSIGN(const auto report, ops::remove_requirements(options, context.session()));
  return print_edit(report, "remove", context);
}

}  // namespace pkg::cli
