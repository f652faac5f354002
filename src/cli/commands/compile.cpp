#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "base/fs.h"
#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "cli/command.h"
#include "cli/command_context.h"
#include "cli/config/take.h"
#include "cli/options/lock_options.h"
#include "cli/options/options.h"
#include "cli/output/install_output.h"
#include "cli/output/output.h"
#include "cli/output/render.h"
#include "lock/requirements_export.h"
#include "ops/lock/compiled_lock.h"
#include "ops/lock/lock_hashes.h"
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

struct CompileFlags {
  std::string output, annotation_style = "split", command;
  std::vector<std::string> left_out;
  bool no_header = false, emit_index_url = false, emit_find_links = false, strip_extras = true;
};

void declare(OptionParser& parser, CompileFlags& flags, lock::RequirementsExportOptions& format) {
  parser.text(
      "-o,--output-file", flags.output,
      "Write to this file and keep the pins found in it; `pylock.toml` and `pylock.NAME.toml` are written as locks",
      "FILE");
  parser.setting("generate-hashes", format.hashes,
                 "Write a hash for each file of each release, also for files that no index announces one of");
  parser.setting("no-header", flags.no_header);
  parser.text("--custom-compile-command", flags.command, "Name this command in the comment at the top", "COMMAND");
  parser.setting("annotate", format.annotate);
  parser.choice("--annotation-style", flags.annotation_style, {"split", "line"},
                "Say what asked for a package below its line (default) or behind it");
  parser.flag("--strip-extras,!--no-strip-extras", flags.strip_extras, "Write names without extras (the default)");
  parser.list("--no-emit-package,--unsafe-package", flags.left_out, "Resolve this package, and write no line for it",
              "NAME");
  parser.flag("--emit-index-url,!--no-emit-index-url", flags.emit_index_url,
              "Write the addresses of indexes, without user names and passwords");
  parser.flag("--emit-find-links,!--no-emit-find-links", flags.emit_find_links,
              "Write the addresses of --find-links, without user names and passwords");
}

// Options that make the same places count for who installs the file.
std::vector<std::string> index_lines(const CompileFlags& flags, const index::Settings& settings) {
  std::vector<std::string> lines;
  if (flags.emit_index_url && settings.no_index) lines.emplace_back("--no-index");
  bool is_first = true;
  const auto& torch = settings.torch.indexes;
  for (const auto& one : settings.indexes) {
    const bool is_asked = !one.is_explicit || std::ranges::find(torch, index::root_of(one)) != torch.end();
    if (!flags.emit_index_url || settings.no_index || !is_asked) continue;
    lines.push_back(cat(is_first ? "--index-url " : "--extra-index-url ", one.url.without_credentials()));
    is_first = false;
  }
  for (const auto& place : settings.find_links)
    if (flags.emit_find_links) lines.push_back(cat("--find-links ", place.without_credentials()));
  return lines;
}

// Folders and revisions have no bytes to hash: who installs the file with hashes will refuse them.
void warn_of_unhashed(const ops::CompileReport& report, const std::set<pep::Name>& left_out, Reporter& reporter) {
  for (const auto& pin : report.resolution.pins) {
    if (left_out.contains(pin.name) || ops::has_hashed_file(pin)) continue;
    reporter.warning(cat(quote(pin.name.str()), " is a folder or a revision, and has no hash: pip refuses it beside ",
                         "requirements that have one"));
  }
}

Result<std::string> requirements_text(ops::CompileReport& report, const CompileFlags& flags,
                                      lock::RequirementsExportOptions format) {
  for (const auto& name : flags.left_out) {
    PKG_TRY_ASSIGN(auto parsed, pep::Name::parse(name));
    format.leave_out.insert(std::move(parsed));
  }
  if (format.hashes) {
    PKG_TRY(ops::complete_hashes(report.resolution, ops::WhichHashes::all, *report.session));
    warn_of_unhashed(report, format.leave_out, report.session->reporter());
  }
  format.style = flags.annotation_style == "line" ? lock::AnnotationStyle::line : lock::AnnotationStyle::split;
  format.extras = !flags.strip_extras;
  format.options = index_lines(flags, report.session->settings());
  format.paths = report.paths;
  return lock::requirements_text(report.resolution, format);
}

Status write_output(const fs::Path& path, std::string_view text) {
  auto written = fs::publish(path, text);
  const auto folder = path.parent_path();
  if (written || fs::exists(folder)) return written;
  return std::move(written).error().with_hint(cat("there is no folder ", quote(folder.string()), ": make it first"));
}

}  // namespace

Result<int> compile_command(const Invocation& invocation) {
  GlobalOptions global;
  IndexOptions index;
  ResolverFlags resolver;
  ops::CompileOptions options;
  lock::RequirementsExportOptions format;
  CompileFlags flags;
  PKG_TRY_ASSIGN(const auto config, CommandContext::load_config(invocation));
  apply_config(config, index);
  apply_config(config, resolver);
  apply_config(config, options.inputs);
  take(config, "annotate", format.annotate);
  take(config, "no-header", flags.no_header);
  take(config, "generate-hashes", format.hashes);

  OptionParser parser(invocation,
                      "Pin requirements: what an install for this Python would choose, as a requirements file.",
                      "pkg compile requirements.in -o requirements.txt");
  parser.positionals("SOURCE", options.inputs.requirements_files,
                     "What to pin: requirements.in, pyproject.toml, a script, or `-` for standard input");
  declare(parser, flags, format);
  add_input_options(parser, options.inputs);
  parser.text("-p,--python", options.python, "Resolve for this environment, interpreter or version", "PATH|VERSION");
  parser.text("--python-version", options.python_version, "Resolve for this version of Python", "VERSION");
  parser.text("--python-platform", options.python_platform,
              "Resolve for this platform: linux, macos, windows or a platform tag", "PLATFORM");
  parser.flag("--universal", options.universal,
              "Resolve for every platform and for every Python from --python-version on; lines get markers");
  add_resolver_options(parser, resolver);
  add_torch_options(parser, index);
  add_index_options(parser, index);
  add_global_options(parser, global);
  PKG_TRY_ASSIGN(const bool go_on, parser.parse());
  if (!go_on) return 0;
  const auto& inputs = options.inputs;
  if (!inputs.names_something())
    return make_error(ErrorKind::usage, "no source was named", "pkg compile requirements.in");
  if (options.universal && !options.python_platform.empty())
    return make_error(ErrorKind::usage, "--universal is for every platform, and --python-platform for one",
                      "leave one of them out");
  PKG_TRY(check_torch_backend(index, config, !options.universal && options.python_platform.empty()));
  PKG_TRY_ASSIGN(auto context, CommandContext::make(invocation, global, index, config));
  PKG_TRY_ASSIGN(options.resolve, make_resolve_options(resolver, context.session()));
  PKG_TRY(read_standard_input(options.inputs));
  const auto output = (context.session().working_folder() / flags.output).lexically_normal();
  if (!flags.output.empty()) options.output_file = output;
  PKG_TRY_ASSIGN(auto report, ops::compile(options, context.session()));

  for (const auto& warning : report.warnings) context.session().reporter().warning(warning);
  if (!flags.no_header)
    format.header = cat("Made by pkg for Python ", report.python_version, ": ",
                        flags.command.empty() ? cat("pkg compile ", shown_words(invocation.words)) : flags.command);
  PKG_TRY_ASSIGN(const auto text,
                 is_lock(flags.output) ? ops::compiled_lock(report, output) : requirements_text(report, flags, format));
  if (!flags.output.empty()) PKG_TRY(write_output(output, text));
  if (global.json)
    out_json(compile_json(report));
  else if (flags.output.empty())
    out_file(text);
  if (context.says(0))
    err("Resolved ", counted(report.resolution.pins.size(), "package"), " in ", time::elapsed(report.seconds), "\n");
  return 0;
}

}  // namespace pkg::cli
