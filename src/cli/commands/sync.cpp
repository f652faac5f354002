#include "cli/command.h"
#include "cli/front.h"
#include "cli/install_output.h"
#include "cli/options.h"
#include "ops/install.h"

namespace pkg::cli {

Result<int> sync_command(const Invocation& invocation) {
  GlobalOptions global;
  IndexOptions index;
  ResolverFlags resolver;
  LinkFlags link;
  ops::InstallOptions options;
  PKG_TRY_ASSIGN(const auto config, Front::load_config(invocation));
  apply_config(config, index);
  apply_config(config, resolver);
  apply_config(config, link);
  apply_config(config, options.environment);

  OptionParser parser(invocation, "Make an environment hold exactly what pinned requirements say.", "pkg sync requirements.txt");
  parser.positionals("FILE", options.inputs.requirements_files, "Requirements, all pinned with ==");
  add_environment_options(parser, options.environment, true);
  add_resolver_options(parser, resolver);
  add_link_options(parser, link);
  parser.flag("--dry-run", options.dry_run, "Say what would be done");
  add_index_options(parser, index);
  add_global_options(parser, global);
  PKG_TRY_ASSIGN(const bool go_on, parser.parse());
  if (!go_on) return 0;
  if (options.inputs.requirements_files.empty()) return make_error(ErrorKind::usage, "no file was named", "pkg sync requirements.txt");
  PKG_TRY_ASSIGN(auto front, Front::make(global, index, config));
  PKG_TRY_ASSIGN(options.resolve, make_resolve_options(resolver, front.session().now()));
  PKG_TRY_ASSIGN(options.apply, make_apply_options(link, !index.no_verify_record));
  PKG_TRY(read_standard_input(options.inputs));
  PKG_TRY_ASSIGN(const auto report, ops::sync(options, front.session()));
  return print_install(report, "sync", {}, front);
}

}  // namespace pkg::cli
