#include "cli/output/edit_output.h"

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "cli/output/install_output.h"
#include "cli/output/lock_output.h"
#include "cli/output/output.h"
#include "cli/output/render.h"

namespace pkg::cli {
namespace {

using EditKind = ops::EditedRequirement::Kind;
using ListKind = pep::DependencyList::Kind;

std::string_view kind_name(EditKind kind) {
  constexpr std::string_view kNames[] = {"added", "changed", "removed", "kept"};
  return kNames[static_cast<std::size_t>(kind)];
}

Text change_line(const ops::EditedRequirement& change, std::string_view list) {
  const auto line = [&](std::string_view sign, Style style, const std::string& text) {
    const auto source = change.source.empty() ? std::string() : cat(" from ", change.source);
    return Text(styled(sign, style, Stream::err), " ", text, source, " (", list, ")\n");
  };
  const auto &before = change.before, &after = change.after;
  switch (change.kind) {
    case EditKind::added:
      return line("+", Style::green, after);
    case EditKind::changed:
      return line("~", Style::yellow, cat(before, " -> ", after));
    case EditKind::removed:
      return line("-", Style::red, before);
    case EditKind::kept:
      break;
  }
  return line("=", Style::dim, after);
}

json::Json edit_json(const ops::EditReport& report, std::string_view verb) {
  auto value = result_json(verb);
  value["file"] = report.file.string();
  value["list"] = report.list;
  value["dry_run"] = report.dry_run;
  value["requirements"] = json::Json::array();
  for (const auto& change : report.changes) {
    json::Json item{{"change", std::string(kind_name(change.kind))}};
    if (!change.before.empty()) item["before"] = change.before;
    if (!change.after.empty()) item["after"] = change.after;
    if (!change.source.empty()) item["source"] = change.source;
    value["requirements"].push_back(std::move(item));
  }
  add_outcome(report, value);
  return value;
}

Result<pep::DependencyList> list_of(const EditFlags& flags, const ops::EditOptions& options) {
  const int named = (flags.group.empty() ? 0 : 1) + (flags.extra.empty() ? 0 : 1) + (flags.dev ? 1 : 0) +
                    (options.script.empty() ? 0 : 1);
  if (named > 1)
    return make_error(ErrorKind::usage, "only one of --group, --dev, --optional and --script can be given");
  if (!options.package.empty() && !options.script.empty())
    return make_error(ErrorKind::usage,
                      "--package names a member of the workspace, and --script a file: give one of them");
  const auto& name = flags.group.empty() ? flags.extra : flags.group;
  if (!name.empty() && !pep::is_valid_name(name))
    return make_error(ErrorKind::usage, cat(quote(name), " is no name for an extra or group"));
  if (flags.dev) return pep::DependencyList{ListKind::group, "dev"};
  if (!flags.group.empty()) return pep::DependencyList{ListKind::group, flags.group};
  if (!flags.extra.empty()) return pep::DependencyList{ListKind::extra, flags.extra};
  return pep::DependencyList{};
}

}  // namespace

void add_edit_options(OptionParser& parser, EditFlags& flags, ops::EditOptions& options) {
  parser.text("--group", flags.group, "Change this dependency group", "NAME");
  parser.flag("--dev", flags.dev, "Change the group `dev`");
  parser.text("--optional", flags.extra, "Change this extra of the project", "EXTRA");
  parser.text("--script", options.script, "Change the `# /// script` block of this file instead of pyproject.toml",
              "FILE");
  parser.text("--package", options.package, "Change the pyproject.toml of this member of the workspace", "NAME");
  parser.setting("frozen", options.frozen, "Change the file, without lock and sync");
  parser.setting("no-sync", options.no_sync, "Leave the environment as it is");
  parser.setting("dry-run", options.dry_run, "Say what would change, and change nothing");
  add_sync_options(parser, flags.sync, options.sync, false);
}

Result<CommandContext> make_context(const Invocation& invocation, const EditFlags& flags, const Config& config,
                                    ops::EditOptions& options) {
  PKG_TRY_ASSIGN(options.list, list_of(flags, options));
  return make_context(invocation, flags.sync, config, options.sync);
}

void tell_outcome(const ops::EditOutcome& outcome, CommandContext& context) {
  if (outcome.lock) tell_lock(*outcome.lock, context);
  if (!outcome.sync) return;
  auto sync = *outcome.sync;
  sync.lock.reset();  // told already
  tell_sync(sync, context);
}

void add_outcome(const ops::EditOutcome& outcome, json::Json& value) {
  if (outcome.lock && !outcome.lock->is_trial) {
    value["lock"] = outcome.lock->path.string();
    value["lock_written"] = outcome.lock->written;
    value["lock_changes"] = lock_changes_json(outcome.lock->changes);
  }
  if (outcome.sync) value["changes"] = changes_json(outcome.sync->install.changes);
}

Result<int> print_edit(const ops::EditReport& report, std::string_view verb, CommandContext& context) {
  if (!context.global().json && context.says(0)) {
    for (const auto& change : report.changes) err(change_line(change, report.list));
  }
  tell_outcome(report, context);
  if (context.global().json) out_json(edit_json(report, verb));
  return 0;
}

}  // namespace pkg::cli
