#include "cli/options/sync_flags.h"

#include "cli/config/take.h"

namespace pkg::cli {

void apply_config(const Config& config, SyncFlags& flags, ops::SyncOptions& options) {
  apply_config(config, flags.index);
  apply_config(config, flags.resolver);
  apply_config(config, flags.link);
  apply_config(config, flags.lock);
  apply_config(config, options.environment);
  apply_config(config, options.lock.inputs);
  apply_config(config, flags.selection);
  take(config, "no-editable", options.no_editable);
  take(config, "no-install-project", options.no_install_project);
  take(config, "no-install-workspace", options.no_install_workspace);
  take(config, "no-install-local", options.no_install_local);
  take(config, "no-install-package", options.no_install);
}

void add_sync_options(OptionParser& parser, SyncFlags& flags, ops::SyncOptions& options, bool with_places) {
  parser.group("The project itself");
  parser.setting("no-editable", options.no_editable);
  parser.setting("no-install-project", options.no_install_project);
  parser.setting("no-install-workspace", options.no_install_workspace);
  parser.setting("no-install-local", options.no_install_local);
  parser.setting("no-install-package", options.no_install);
  add_environment_options(parser, options.environment, with_places,
                          "Make the environment of this interpreter, version or request such as >=3.12");
  add_active_option(parser, options.environment);
  add_lock_options(parser, flags.lock);
  add_resolver_options(parser, flags.resolver);
  add_link_options(parser, flags.link);
  add_index_options(parser, flags.index);
  add_global_options(parser, flags.global);
}

Result<CommandContext> make_context(const Invocation& invocation, const SyncFlags& flags, const Config& config,
                                    ops::SyncOptions& options) {
  PKG_TRY_ASSIGN(auto context, CommandContext::make(invocation, flags.global, flags.index, config));
  PKG_TRY_ASSIGN(options.lock.resolve, make_resolve_options(flags.resolver, context.session()));
  PKG_TRY_ASSIGN(options.apply, make_apply_options(flags.link, flags.index));
  apply(flags.lock, options.lock);
  options.selection = selection_of(flags.selection);
  return context;
}

}  // namespace pkg::cli
