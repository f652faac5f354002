#include "ops/lock/lock.h"
#include "cli/command.h"
#include "cli/command_context.h"
#include "cli/options/lock_options.h"
#include "cli/options/options.h"
#include "cli/output/explain_output.h"
#include "cli/output/lock_output.h"

namespace pkg::cli {

Result<int> lock_command(const Invocation& invocation) {
  GlobalOptions global;
  IndexOptions index;
  ResolverFlags resolver;
  LockFlags flags;
  ops::LockOptions options;
  bool merge = false;
  std::vector<std::string> files;
  PKG_TRY_ASSIGN(const auto config, CommandContext::load_config(invocation));
  apply_config(config, index);
  apply_config(config, resolver);
  apply_config(config, options.inputs);
  apply_config(config, flags);

  OptionParser parser(invocation,
                      "Resolve the project for every platform, Python, extra and group, and write pylock.toml. Pins of "
                      "the lock that is there "
                      "are kept as far as they fit.",
                      "pkg lock -P numpy");
  parser.flag("--check", options.check, "Write nothing, and exit with 1 when the lock is not up to date");
  parser.setting("dry-run", options.dry_run, "Say what would change, and change nothing");
  parser.text("--script", options.script, "Lock this script's `# /// script` block, into pylock.SCRIPT.toml beside it",
              "FILE");
  parser.text("-o,--output-file", options.output, "Write the lock to this file", "FILE");
  parser.text("-p,--python", options.python,
              "Lock for this Python and newer ones, where the project has no requires-python", "PATH|VERSION");
  add_lock_options(parser, flags);
  parser.text("--explain", options.explain,
              "Write nothing, and say why the lock has this version of a package and not a newer one", "NAME");
  parser.flag(
      "--merge", merge,
      "Merge the locks BASE, OURS and THEIRS into OURS as a git merge driver does, and resolve what does not fit");
  parser.positionals("FILE", files, "Which locks --merge merges: BASE, OURS and THEIRS");
  add_narrowing_options(parser, options.inputs);
  add_resolver_options(parser, resolver);
  add_index_options(parser, index);
  add_global_options(parser, global);
  PKG_TRY_ASSIGN(const bool go_on, parser.parse());
  if (!go_on) return 0;
  if (files.size() != (merge ? 3u : 0u)) {
    return make_error(
        ErrorKind::usage,
        merge ? "--merge takes three files: BASE OURS THEIRS" : "`pkg lock` takes files with --merge only",
        merge ? "see `pkg lock --help`"
              : "`pkg compile FILE` pins a file of requirements, `pkg import` makes a project of it");
  }
  if (!options.output.empty() && !options.check && !options.dry_run) PKG_TRY(check_lock_name(options.output));
  PKG_TRY_ASSIGN(auto context, CommandContext::make(invocation, global, index, config));
  PKG_TRY_ASSIGN(options.resolve, make_resolve_options(resolver, context.session()));
  apply(flags, options);
  if (!options.explain.empty()) return explain_and_print(options, options.explain, context);
  PKG_TRY_ASSIGN(const auto report, merge ? ops::merge_locks({files[0], files[1], files[2]}, options, context.session())
                                          : ops::lock_project(options, context.session()));
  return print_lock(report, "lock", context);
}

}  // namespace pkg::cli
