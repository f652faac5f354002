#include "ops/bundle/download.h"
#include "cli/command.h"
#include "cli/command_context.h"
#include "cli/options/options.h"
#include "cli/output/download_output.h"
#include "cli/output/install_output.h"

namespace pkg::cli {

Result<int> download_command(const Invocation& invocation) {
  GlobalOptions global;
  IndexOptions index;
  ResolverFlags resolver;
  ops::DownloadOptions options;
  std::string report_file;
  PKG_TRY_ASSIGN(const auto config, CommandContext::load_config(invocation));
  apply_config(config, index);
  apply_config(config, resolver);
  apply_config(config, options.inputs);
  if (const auto folder = config.text("dest")) options.folder = *folder;

  OptionParser parser(invocation,
                      "Download what requirements resolve to, with everything they need, into a folder. Wheels and "
                      "source archives keep "
                      "their names and bytes; folders and repositories become wheels.",
                      "pkg download -d wheels -r requirements.txt");
  add_download_options(parser, options, report_file);
  parser.setting("dest", options.folder);
  add_other_target_options(parser, options.other,
                           "For another Python: wheels only, with --only-binary=:all: or --no-deps");
  add_resolver_options(parser, resolver);
  add_torch_options(parser, index);
  add_index_options(parser, index);
  add_global_options(parser, global);
  PKG_TRY_ASSIGN(const bool go_on, parser.parse());
  if (!go_on) return 0;
  PKG_TRY(check_torch_backend(index, config, options.other.platforms.empty()));
  PKG_TRY_ASSIGN(auto context, CommandContext::make(invocation, global, index, config));
  PKG_TRY_ASSIGN(options.resolve, make_resolve_options(resolver, context.session()));
  PKG_TRY(check_download_options(options, "download"));
  PKG_TRY(read_standard_input(options.inputs));
  options.want_report = !report_file.empty();
  PKG_TRY_ASSIGN(const auto report, ops::download(options, context.session()));
  return print_download(report, "download", report_file, options.dry_run, context);
}

}  // namespace pkg::cli
