#include <nlohmann/json.hpp>

#include "base/fs.h"
#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "cli/command.h"
#include "cli/command_context.h"
#include "cli/config/take.h"
#include "cli/options/options.h"
#include "cli/output/install_output.h"
#include "cli/output/output.h"
#include "cli/output/render.h"
#include "lock/requirements_export.h"
#include "ops/solve/compile.h"

namespace pkg::cli {
namespace {

json::Json compile_json(const ops::CompileReport& report) {
  auto value = result_json("compile");
  auto pins = json::Json::array();
  for (const auto& pin : report.resolution.pins)
    pins.push_back({{"name", pin.name.str()}, {"version", pin.version.to_string()}});
  value["python_version"] = report.python_version;
  value["packages"] = std::move(pins);
  value["warnings"] = report.warnings;
  value["seconds"] = report.seconds;
  return value;
}

}  // namespace

Result<int> compile_command(const Invocation& invocation) {
  GlobalOptions global;
  IndexOptions index;
  ResolverFlags resolver;
  ops::CompileOptions options;
  lock::RequirementsExportOptions format;
  std::string output;
  bool no_header = false;
  PKG_TRY_ASSIGN(const auto config, CommandContext::load_config(invocation));
  apply_config(config, index);
  apply_config(config, resolver);
  apply_config(config, options.inputs);
  take(config, "annotate", format.annotate);
  take(config, "no-header", no_header);
  take(config, "generate-hashes", format.hashes);

  OptionParser parser(invocation,
                      "Pin requirements: what an install for this Python would choose, as a requirements file.",
                      "pkg compile requirements.in -o requirements.txt");
  parser.positionals("SOURCE", options.inputs.requirements_files, "requirements.in, pyproject.toml, a script, or `-`");
  parser.text("-o,--output-file", output, "Write here; pins found there are kept", "FILE");
  parser.setting("generate-hashes", format.hashes);
  parser.setting("no-header", no_header);
  parser.setting("annotate", format.annotate);
  add_input_options(parser, options.inputs);
  parser.text("-p,--python", options.python, "An environment, an interpreter or a version to resolve for",
              "PATH|VERSION");
  parser.text("--python-version", options.python_version, "Resolve for this version of Python", "VERSION");
  parser.text("--python-platform", options.python_platform,
              "Resolve for this platform: linux, macos, windows or a platform tag", "PLATFORM");
  parser.flag("--universal", options.universal,
              "Resolve for every platform, and every Python from --python-version on; lines get markers");
  add_resolver_options(parser, resolver);
  add_index_options(parser, index);
  add_global_options(parser, global);
  PKG_TRY_ASSIGN(const bool go_on, parser.parse());
  if (!go_on) return 0;
  if (options.inputs.requirements_files.empty() && options.inputs.groups.empty()) {
    return make_error(ErrorKind::usage, "no source was named", "pkg compile requirements.in");
  }
  if (options.universal && !options.python_platform.empty())
    return make_error(ErrorKind::usage, "--universal is for every platform, and --python-platform for one",
                      "leave one of them out");
  PKG_TRY_ASSIGN(auto context, CommandContext::make(invocation, global, index, config));
  PKG_TRY_ASSIGN(options.resolve, make_resolve_options(resolver, context.session()));
  PKG_TRY(read_standard_input(options.inputs));
  const auto output_path = context.session().working_folder() / output;
  if (!output.empty()) options.output_file = output_path.string();
  PKG_TRY_ASSIGN(const auto report, ops::compile(options, context.session()));

  for (const auto& warning : report.warnings) context.session().reporter().warning(warning);
  if (!no_header)
    format.header =
        cat("Made by pkg for Python ", report.python_version, ": pkg compile ", shown_words(invocation.words));
  const auto text = lock::requirements_text(report.resolution, format);
  if (!output.empty()) PKG_TRY(fs::publish(output_path, text));
  if (global.json)
    out_json(compile_json(report));
  else if (output.empty())
    out_file(text);
  if (context.says(0))
    err("Resolved ", report.resolution.pins.size(), " packages in ", time::elapsed(report.seconds), "\n");
  return 0;
}

}  // namespace pkg::cli
