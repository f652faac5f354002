#include <nlohmann/json.hpp>

#include "base/fs.h"
#include "base/json.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/command_context.h"
#include "cli/config/take.h"
#include "cli/options/lock_options.h"
#include "cli/options/options.h"
#include "cli/output/lock_output.h"
#include "cli/output/output.h"
#include "cli/output/render.h"
#include "ops/lock/export.h"

namespace pkg::cli {
namespace {

ops::ExportFormat format_of(const std::string& word) {
  using enum ops::ExportFormat;
  return word == "pylock" || word == "pylock.toml" ? pylock : word == "cyclonedx" ? cyclonedx : requirements;
}

}  // namespace

Result<int> export_command(const Invocation& invocation) {
  GlobalOptions global;
  IndexOptions index;
  ResolverFlags resolver;
  LockFlags lock;
  SelectionFlags selection;
  ops::ExportOptions options;
  std::string format = "requirements", output;
  bool no_header = false, no_project = false, no_workspace = false;
  PKG_TRY_ASSIGN(const auto config, CommandContext::load_config(invocation));
  apply_config(config, index);
  apply_config(config, resolver);
  apply_config(config, lock);
  apply_config(config, options.lock.inputs);
  apply_config(config, selection);
  take_freshness(config, options.locked, options.frozen);
  take(config, "annotate", options.annotate);
  take(config, "no-header", no_header);

  OptionParser parser(invocation,
                      "Write the lock in another form: requirements with markers and hashes, a pylock.toml for one "
                      "target, or a CycloneDX "
                      "bill of materials. A stale lock is locked again first.",
                      "pkg export --no-dev -o requirements.txt");
  parser.positional("FILE", options.file, "Which lock (default: the project's)");
  parser.choice("--format", format, {"requirements", "requirements.txt", "pylock", "pylock.toml", "cyclonedx"},
                "Write the lock in this form");
  parser.text("-o,--output-file", output, "Write to this file instead of standard output", "FILE");
  parser.flag("--hashes,!--no-hashes", options.hashes, "Write requirements with the hashes of their files (default)");
  parser.flag("--emit-index-url,!--no-emit-index-url", options.indexes,
              "Write requirements with the indexes that the packages come from");
  parser.setting("annotate", options.annotate);
  parser.setting("no-header", no_header);
  parser.text("--script", options.lock.script, "Take the lock of this script instead of the project's", "FILE");
  add_freshness_options(parser, options.locked, options.frozen);
  parser.group("One target instead of all of them");
  parser.text("-p,--python", options.python, "Work with this environment or interpreter, or one of this version",
              "PATH|VERSION");
  parser.text("--python-version", options.python_version, "Write what counts for this version of Python", "VERSION");
  parser.text("--python-platform", options.python_platform,
              "Write what counts for this platform: linux, macos, windows or a platform tag", "PLATFORM");
  add_member_options(parser, options.members);
  add_selection_options(parser, selection);
  parser.group("Options");
  parser.list("--no-emit-package", options.leave_out, "Leave out this package, and keep what it requires", "NAME");
  parser.list("--prune", options.prune, "Leave out this package and what only it requires", "NAME");
  parser.flag("--no-emit-local", options.no_local, "Leave out folders and files of this machine");
  parser.flag("--no-emit-project", no_project, "Accepted for uv's sake: the project itself is in no export");
  parser.flag("--no-emit-workspace", no_workspace, "Accepted for uv's sake: members of the workspace are in no export");
  add_lock_options(parser, lock);
  add_resolver_options(parser, resolver);
  add_index_options(parser, index);
  add_global_options(parser, global);
  PKG_TRY_ASSIGN(const bool go_on, parser.parse());
  if (!go_on) return 0;
  if (!output.empty() && format_of(format) == ops::ExportFormat::pylock) PKG_TRY(check_lock_name(output));
  PKG_TRY_ASSIGN(auto context, CommandContext::make(invocation, global, index, config));
  PKG_TRY_ASSIGN(options.lock.resolve, make_resolve_options(resolver, context.session()));
  apply(lock, options.lock);
  options.selection = selection_of(selection);
  options.format = format_of(format);
  options.tool_version = PKG_VERSION;
  if (!no_header)
    options.header = cat("Made by pkg: pkg export", invocation.words.empty() ? "" : " ", shown_words(invocation.words));
  PKG_TRY_ASSIGN(const auto report, ops::export_lock(options, context.session()));
  if (report.lock) tell_lock(*report.lock, context);
  for (const auto& warning : report.warnings) context.session().reporter().warning(warning);
  if (!output.empty()) PKG_TRY(fs::publish(context.session().working_folder() / output, report.text));
  if (global.json) {
    auto value = result_json("export");
    value["format"] = format;
    value["packages"] = report.packages;
    if (output.empty()) value["text"] = report.text;
    out_json(value);
  } else if (output.empty()) {
    out_file(report.text);
  }
  return 0;
}

}  // namespace pkg::cli
