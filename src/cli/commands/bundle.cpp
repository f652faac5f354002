#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "cli/command.h"
#include "cli/command_context.h"
#include "cli/options/lock_options.h"
#include "cli/options/options.h"
#include "cli/output/install_output.h"
#include "cli/output/lock_output.h"
#include "cli/output/output.h"
#include "cli/output/render.h"
#include "lock/pylock.h"
#include "ops/bundle/bundle.h"

namespace pkg::cli {
namespace {

// A lock among the files is taken as the lock to bundle; then it is alone.
Status take_lock(ops::BundleOptions& options) {
  auto& inputs = options.inputs;
  for (auto* list : {&inputs.requirements_files, &inputs.words}) {
    const auto found = std::ranges::find_if(*list, is_lock);
    if (found == list->end()) continue;
    options.file = *found;
    list->erase(found);
    if (!inputs.words.empty() || !inputs.requirements_files.empty() || !inputs.editables.empty())
      return make_error(ErrorKind::usage, "a lock is bundled alone: name nothing beside it");
    return ok_status();
  }
  return ok_status();
}

json::Json bundle_json(const ops::BundleReport& report) {
  auto value = result_json("bundle");
  value["path"] = report.path.string();
  value["targets"] = report.targets;
  value["packages"] = report.packages;
  value["files"] = report.files;
  value["built"] = report.built;
  value["sources"] = report.sources;
  value["size"] = report.size_bytes;
  value["notes"] = report.notes;
  value["warnings"] = report.warnings;
  value["seconds"] = report.seconds;
  return value;
}

std::string in_megabytes(std::uint64_t bytes) { return cat(bytes / 1'000'000, ".", bytes / 100'000 % 10, " MB"); }

}  // namespace

Result<int> bundle_command(const Invocation& invocation) {
  GlobalOptions global;
  IndexOptions index;
  ResolverFlags resolver;
  LockFlags lock;
  SelectionFlags selection;
  ops::BundleOptions options;
  PKG_TRY_ASSIGN(const auto config, CommandContext::load_config(invocation));
  apply_config(config, index);
  apply_config(config, resolver);
  apply_config(config, lock);
  apply_config(config, options.inputs);
  apply_config(config, selection);
  take_freshness(config, options.locked, options.frozen);

  OptionParser parser(invocation,
                      "Put everything that a lock or requirements need, for several targets at once, into a folder or "
                      "archive that pkg, pip "
                      "and uv install from without a network. Without arguments: the project's lock.",
                      "pkg bundle -r requirements.txt --python-version 3.10 --python-version 3.12 -o bundle.tar.gz");
  parser.positionals("REQUIREMENT", options.inputs.words,
                     "What to bundle: names with specifiers, paths or URLs, or a lock");
  parser.list("-r,--requirement,--requirements", options.inputs.requirements_files,
              "Take the requirements of this file, pyproject.toml, script or lock", "FILE");
  parser.text("-o,--output", options.output, "Write this folder, or this archive: .tar.gz, .tar, .zip", "PATH");
  parser.flag("--allow-sdists", options.allow_sdists,
              "Bundle sources where there is no wheel, instead of building one");
  parser.text("--script", options.lock.script, "Take the lock of this script instead of the project's", "FILE");
  add_freshness_options(parser, options.locked, options.frozen);
  parser.group("Targets: each Python on each platform");
  parser.text("-p,--python", options.targets.python,
              "Work with this environment or interpreter, or one of this version", "PATH|VERSION");
  parser.list("--python-version", options.targets.python_versions, "Bundle what this version of Python needs",
              "VERSION");
  parser.list("--python-platform", options.targets.platforms,
              "Bundle what this platform needs: linux, macos, windows or a platform tag", "PLATFORM");
  add_narrowing_options(parser, options.inputs);
  add_selection_options(parser, selection);
  add_lock_options(parser, lock);
  add_resolver_options(parser, resolver);
  add_index_options(parser, index);
  add_global_options(parser, global);
  PKG_TRY_ASSIGN(const bool go_on, parser.parse());
  if (!go_on) return 0;
  PKG_TRY(take_lock(options));
  PKG_TRY_ASSIGN(auto context, CommandContext::make(invocation, global, index, config));
  PKG_TRY_ASSIGN(options.lock.resolve, make_resolve_options(resolver, context.session()));
  apply(lock, options.lock);
  options.selection = selection_of(selection);
  options.inputs.extras = options.selection.extras;
  options.inputs.all_extras = options.selection.all_extras;
  PKG_TRY(read_standard_input(options.inputs));
  PKG_TRY_ASSIGN(const auto report, ops::bundle(options, context.session()));
  for (const auto& warning : report.warnings) context.session().reporter().warning(warning);
  if (global.json) {
    out_json(bundle_json(report));
    return 0;
  }
  if (!context.says(0)) return 0;
  if (report.lock) tell_lock(*report.lock, context);
  for (const auto& note : report.notes) err(note, "\n");
  err("Bundled ", counted(report.packages, "package"), " in ", counted(report.files, "file"), " (",
      in_megabytes(report.size_bytes), ") for ", join(report.targets, ", "), ": ", quote(report.path.string()), " (",
      time::elapsed(report.seconds), ")\n");
  return 0;
}

}  // namespace pkg::cli
