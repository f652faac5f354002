#include "cli/command.h"
#include "cli/command_context.h"
#include "cli/options/options.h"
#include "cli/output/download_output.h"
#include "cli/output/install_output.h"
#include "ops/bundle/download.h"

namespace pkg::cli {

Result<int> wheel_command(const Invocation& invocation) {
  GlobalOptions global;
  IndexOptions index;
  ResolverFlags resolver;
  ops::DownloadOptions options;
  std::string report_file;
  bool no_verify = false;
  PKG_TRY_ASSIGN(const auto config, CommandContext::load_config(invocation));
  apply_config(config, index);
  apply_config(config, resolver);
  apply_config(config, options.inputs);
  if (const auto folder = config.text("wheel-dir")) options.folder = *folder;

  OptionParser parser(invocation,
                      "Make wheels of what requirements resolve to, with everything they need: those of the index are "
                      "downloaded, all else "
                      "is built.",
                      "pkg wheel -w wheels .");
  add_download_options(parser, options, report_file);
  parser.setting("wheel-dir", options.folder);
  parser.flag("--no-verify", no_verify, "Accepted for pip's sake: what is built is checked when it is installed");
  add_resolver_options(parser, resolver);
  add_torch_options(parser, index);
  add_index_options(parser, index);
  add_global_options(parser, global);
  PKG_TRY_ASSIGN(const bool go_on, parser.parse());
  if (!go_on) return 0;
  PKG_TRY_ASSIGN(auto context, CommandContext::make(invocation, global, index, config));
  PKG_TRY_ASSIGN(options.resolve, make_resolve_options(resolver, context.session()));
  PKG_TRY(check_download_options(options, "wheel"));
  PKG_TRY(read_standard_input(options.inputs));
  options.want_report = !report_file.empty();
  PKG_TRY_ASSIGN(const auto report, ops::wheel(options, context.session()));
  return print_download(report, "wheel", report_file, options.dry_run, context);
}

}  // namespace pkg::cli
