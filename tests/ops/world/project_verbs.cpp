// add, remove, upgrade, version, workspace, init.

#include "base/text.h"
#include "ops/edit/bump_bounds.h"
#include "ops/edit/edit_project.h"
#include "ops/edit/init_project.h"
#include "ops/edit/project_version.h"
#include "ops/inspect/workspace.h"
#include "ops/install/upgrade_environment.h"
#include "ops/world/verb.h"

namespace pkg::test {
namespace {

// --optional EXTRA, --to-group GROUP, --script FILE, --package MEMBER, --frozen, --no-sync, --dry-run, and those of
// sync.
ops::EditOptions edit_of(Words& words) {
  ops::EditOptions options;
  using Kind = pep::DependencyList::Kind;
  if (const auto extra = words.value("--optional"); !extra.empty()) options.list = {Kind::extra, extra};
  if (const auto group = words.value("--to-group"); !group.empty()) options.list = {Kind::group, group};
  options.script = words.value("--script");
  options.package = words.value("--package");
  options.frozen = words.flag("--frozen");
  options.no_sync = words.flag("--no-sync");
  options.dry_run = words.flag("--dry-run");
  options.sync = sync_of(words);
  options.sync.lock.script = options.script;
  options.sync.dry_run = options.sync.lock.dry_run = options.dry_run;
  return options;
}

std::string outcome_lines(const ops::EditOutcome& outcome) {
  std::string text;
  if (outcome.lock) text += one_line("lock", lock_lines(*outcome.lock));
  if (outcome.sync) text += one_line("sync", sync_lines(*outcome.sync));
  return text;
}

std::string edit_lines(const ops::EditReport& report) {
  constexpr std::string_view kKinds[]{"added", "changed", "removed", "kept"};
  std::string text = cat(report.list, " of ", report.file.native(), report.dry_run ? " (dry run)" : "", "\n");
  for (const auto& change : report.changes) {
    append(text, "  ", kKinds[static_cast<std::size_t>(change.kind)], " ", change.before,
           change.before.empty() || change.after.empty() ? "" : " -> ", change.after,
           change.source.empty() ? "" : " source ", change.source, "\n");
  }
  return text + outcome_lines(report);
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
  options.extras = call.words.values("--with-extra");
  options.marker = call.words.value("--marker");
  options.workspace = call.words.flag("--workspace");
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

// What `pkg upgrade --bump` does with its words.
Result<std::string> bump(VerbCall& call) {
  ops::BumpOptions options;
  options.groups = call.words.values("--of-group");
  options.edit = edit_of(call.words);
  auto& resolve = options.edit.sync.lock.resolve;
  options.names = resolve.upgrade_packages = call.words.rest();
  if (!options.groups.empty()) {
    PKG_TRY_ASSIGN(const auto project, ops::open_project(call.session.working_folder()));
    PKG_TRY_ASSIGN(const auto names, ops::names_in_groups(project, options.groups));
    for (const auto& name : names) resolve.upgrade_packages.push_back(name.str());
  }
  resolve.upgrade = resolve.upgrade_packages.empty();
  PKG_TRY_ASSIGN(const auto report, ops::bump_bounds(options, call.session));
  std::string text = cat(report.bumped.size(), " of ", report.looked_at, report.dry_run ? " (dry run)" : "", "\n");
  for (const auto& one : report.bumped)
    append(text, "  ", one.file, " ", one.list, ": ", one.before, " -> ", one.after, " for ", one.version, "\n");
  return text + outcome_lines(report);
}

Result<std::string> upgrade_environment(VerbCall& call) {
  ops::EnvironmentUpgradeOptions options;
  options.install.dry_run = call.words.flag("--dry-run");
  options.install.inputs.constraints_files = call.words.values("-c");
  options.install.environment = environment_of(call.words);
  options.names = call.words.rest();
  PKG_TRY_ASSIGN(const auto report, ops::upgrade_environment(options, call.session));
  return install_lines(report);
}

Result<std::string> version(VerbCall& call) {
  ops::VersionOptions options;
  options.bumps = call.words.values("--bump");
  options.wants_value = call.words.flag("--short");
  options.edit = edit_of(call.words);
  if (const auto value = call.words.rest(); !value.empty()) options.value = value.front();
  PKG_TRY_ASSIGN(const auto report, ops::project_version(options, call.session));
  return cat(report.project, " ", report.old_version, report.old_version.empty() ? "" : " -> ", report.version,
             report.source.empty() ? "" : "dynamic: ", report.source, report.dry_run ? " (dry run)" : "", "\n") +
         outcome_lines(report);
}

Result<std::string> workspace(VerbCall& call) {
  if (call.words.flag("--dir")) {
    PKG_TRY_ASSIGN(const auto folder, ops::workspace_folder(call.words.value("--package"), call.session));
    return folder.string() + "\n";
  }
  PKG_TRY_ASSIGN(const auto report, ops::workspace(call.session));
  auto text =
      cat("root ", report.root.native(), ", lock ", report.lock.filename().native(), report.has_lock ? "" : " (none)",
          ", in ", report.current.empty() ? "no member" : report.current, "\n");
  if (!report.groups.empty()) append(text, "groups ", join(report.groups, " "), "\n");
  for (const auto& member : report.members) {
    append(text, member.name, " ", member.version, member.version_source.empty() ? "" : "dynamic", " ", member.relative,
           member.is_package ? " package" : "", member.requires_python.empty() ? "" : " python ",
           member.requires_python, member.extras.empty() ? "" : " extras ", join(member.extras, ","),
           member.groups.empty() ? "" : " groups ", join(member.groups, ","), "\n");
    for (const auto& one : member.requires_)
      append(text, "  ", one.list, ": ", one.requirement, one.name == one.requirement ? "" : cat(" (", one.name, ")"),
             "\n");
  }
  return text;
}

Result<std::string> init(VerbCall& call) {
  ops::InitOptions options;
  options.name = call.words.value("--name");
  options.description = call.words.value("--description");
  options.python = call.words.value("--python");
  options.build_backend = call.words.value("--build-backend");
  options.library = call.words.flag("--lib");
  options.package = call.words.flag("--as-package");
  options.script = call.words.flag("--script");
  options.bare = call.words.flag("--bare");
  options.no_readme = call.words.flag("--no-readme");
  options.no_workspace = call.words.flag("--no-workspace");
  if (call.words.flag("--pin-python")) options.pin_python = true;
  if (call.words.flag("--no-pin-python")) options.pin_python = false;
  if (call.words.flag("--git")) options.vcs = ops::InitVcs::git;
  if (call.words.flag("--no-vcs")) options.vcs = ops::InitVcs::none;
  if (const auto folder = call.words.rest(); !folder.empty()) options.folder = folder.front();
  PKG_TRY_ASSIGN(const auto report, ops::init_project(options, call.session));
  return cat(report.name, " in ", report.folder.native(), " for ", report.requires_python, "\n") +
         lines_of(report.written, "wrote ") + lines_of(report.kept, "kept ") +
         (report.repository ? "made a repository\n" : "") +
         (report.workspace.empty() ? std::string()
                                   : cat(report.joined ? "joined " : "member of ", report.workspace.native(), "\n"));
}

}  // namespace

Verbs project_verbs() {
  return {{"add", add},
          {"remove", remove},
          {"upgrade", upgrade},
          {"bump", bump},
          {"upgrade-environment", upgrade_environment},
          {"version", version},
          {"workspace", workspace},
          {"init", init}};
}

}  // namespace pkg::test
