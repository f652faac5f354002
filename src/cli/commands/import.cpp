#include <optional>
#include <utility>

#include "cli/command.h"
#include "cli/command_context.h"
#include "cli/options/lock_options.h"
#include "cli/options/options.h"
#include "cli/output/import_output.h"
#include "ops/migrate/import_project.h"

#ifndef PKG_DEFAULT_INDEX_URL
#define PKG_DEFAULT_INDEX_URL ""
#endif

namespace pkg::cli {
namespace {

// The words and settings of the command, as they are when they are read: [tool.pkg] says more once the file is written.
struct ImportCommand {
  GlobalOptions global;
  IndexOptions index;
  ResolverFlags resolver;
  LockFlags flags;
  ops::LockOptions lock;
  ops::ImportOptions options;
  std::optional<CommandContext> context;  // absent: help was printed
};

Result<ImportCommand> read_command(const Invocation& invocation) {
  ImportCommand command;
  auto& options = command.options;
  PKG_TRY_ASSIGN(const auto config, CommandContext::load_config(invocation));
  apply_config(config, command.index);
  apply_config(config, command.resolver);
  apply_config(config, command.lock.inputs);
  apply_config(config, command.flags);

  OptionParser parser(invocation,
                      "Turn a project of Poetry, PDM, Pipenv or setuptools, requirements files or the pip part of a "
                      "conda environment into pyproject.toml and a lock with the same pins. What could not be carried "
                      "is said; what is imported is only read.",
                      "pkg import Pipfile");
  parser.positional(
      "FILE", options.file,
      "What to import: pyproject.toml ([tool.poetry], [tool.pdm]), Pipfile, setup.cfg, setup.py, a requirements file, "
      "environment.yml (default: the first of these that is here)");
  parser.flag("--dry-run", options.dry_run, "Print what pyproject.toml would be, and change nothing");
  parser.flag("--no-lock", options.no_lock, "Write pyproject.toml without locking it");
  parser.text("-p,--python", options.python,
              "Take this Python and newer ones, where the project has no requires-python; a setup.py is asked with it",
              "PATH|VERSION");
  add_lock_options(parser, command.flags);
  add_narrowing_options(parser, command.lock.inputs);
  add_resolver_options(parser, command.resolver);
  add_index_options(parser, command.index);
  add_global_options(parser, command.global);
  PKG_TRY_ASSIGN(const bool go_on, parser.parse());
  if (!go_on) return command;
  PKG_TRY_ASSIGN(auto context, CommandContext::make(invocation, command.global, command.index, config));
  command.context.emplace(std::move(context));
  PKG_TRY_ASSIGN(command.lock.resolve, make_resolve_options(command.resolver, command.context->session()));
  apply(command.flags, command.lock);
  command.lock.python = options.python;
  options.default_index = PKG_DEFAULT_INDEX_URL;
  return command;
}

}  // namespace

Result<int> import_command(const Invocation& invocation) {
  PKG_TRY_ASSIGN(auto command, read_command(invocation));
  if (!command.context) return 0;
  std::optional<ImportCommand> again;
  const auto way_to_lock = [&]() -> Result<ops::WayToLock> {
    PKG_TRY_ASSIGN(auto now, read_command(invocation));
    again.emplace(std::move(now));
    return ops::WayToLock{&again->context->session(), again->lock};
  };
  PKG_TRY_ASSIGN(const auto report, ops::import_project(command.options, command.context->session(), way_to_lock));
  return print_import(report, command.options.dry_run, *command.context);
}

}  // namespace pkg::cli
