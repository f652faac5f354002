// add, remove, upgrade, init.

#include "base/text.h"
#include "ops/edit/edit_project.h"
#include "ops/edit/init_project.h"
#include "ops/world/verb.h"

namespace pkg::test {
namespace {

// --optional EXTRA, --to-group GROUP, --script FILE, --frozen, --no-sync, --dry-run, and those of sync.
ops::EditOptions edit_of(Words& words) {
  ops::EditOptions options;
  using Kind = pep::DependencyList::Kind;
  if (const auto extra = words.value("--optional"); !extra.empty()) options.list = {Kind::extra, extra};
  if (const auto group = words.value("--to-group"); !group.empty()) options.list = {Kind::group, group};
  options.script = words.value("--script");
  options.frozen = words.flag("--frozen");
  options.no_sync = words.flag("--no-sync");
  options.dry_run = words.flag("--dry-run");
  options.sync = sync_of(words);
  options.sync.lock.script = options.script;
  options.sync.dry_run = options.sync.lock.dry_run = options.dry_run;
  return options;
}

std::string edit_lines(const ops::EditReport& report) {
  constexpr std::string_view kKinds[]{"added", "changed", "removed", "kept"};
  std::string text = cat(report.list, " of ", report.file.native(), report.dry_run ? " (dry run)" : "", "\n");
  for (const auto& change : report.changes) {
    append(text, "  ", kKinds[static_cast<std::size_t>(change.kind)], " ", change.before,
           change.before.empty() || change.after.empty() ? "" : " -> ", change.after,
           change.source.empty() ? "" : " source ", change.source, "\n");
  }
  if (report.lock) text += one_line("lock", lock_lines(*report.lock));
  if (report.sync) text += one_line("sync", sync_lines(*report.sync));
  return text;
}

Result<std::string> add(VerbCall& call) {
  ops::AddOptions options;
  options.edit = edit_of(call.words);
  options.inputs.requirements_files = call.words.values("-r");
  options.inputs.editables = call.words.values("-e");
  options.inputs.constraints_files = call.words.values("-c");
  const auto bounds = call.words.value("--bounds");
  if (bounds == "major") options.bounds = pep::Bounds::major;
  if (bounds == "minor") options.bounds = pep::Bounds::minor;
  if (bounds == "exact") options.bounds = pep::Bounds::exact;
  options.branch = call.words.value("--branch");
  options.tag = call.words.value("--tag");
  options.rev = call.words.value("--rev");
  options.raw = call.words.flag("--raw");
  options.inputs.words = call.words.rest();
  PKG_TRY_ASSIGN(const auto report, ops::add_requirements(options, call.session));
  return edit_lines(report);
}

Result<std::string> remove(VerbCall& call) {
  ops::RemoveOptions options;
  options.edit = edit_of(call.words);
  options.names = call.words.rest();
  PKG_TRY_ASSIGN(const auto report, ops::remove_requirements(options, call.session));
  return edit_lines(report);
}

// What `pkg upgrade` does with its words.
Result<std::string> upgrade(VerbCall& call) {
  auto options = sync_of(call.words);
  auto& packages = options.lock.resolve.upgrade_packages;
  packages = call.words.rest();
  options.lock.resolve.upgrade = packages.empty();
  PKG_TRY_ASSIGN(const auto report, ops::sync_lock(options, call.session));
  return sync_lines(report);
}

Result<std::string> init(VerbCall& call) {
  ops::InitOptions options;
  options.name = call.words.value("--name");
  options.python = call.words.value("--python");
  options.build_backend = call.words.value("--build-backend");
  options.library = call.words.flag("--lib");
  options.bare = call.words.flag("--bare");
  if (const auto folder = call.words.rest(); !folder.empty()) options.folder = folder.front();
  PKG_TRY_ASSIGN(const auto report, ops::init_project(options, call.session));
  return cat(report.name, " in ", report.folder.native(), " for ", report.requires_python, "\n") +
         lines_of(report.written, "wrote ") + lines_of(report.kept, "kept ");
}

}  // namespace

Verbs project_verbs() { return {{"add", add}, {"remove", remove}, {"upgrade", upgrade}, {"init", init}}; }

}  // namespace pkg::test
