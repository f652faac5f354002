#include "ops/world/verb.h"

#include "base/text.h"
#include "base/time.h"
#include "support/printers.h"

namespace pkg::test {
namespace {

std::string change_line(const ops::ChangedDist& change) {
  using Kind = ops::ChangedDist::Kind;
  std::string line;
  switch (change.kind) {
    case Kind::added:
      line = cat("+ ", change.name, " ", change.new_version);
      break;
    case Kind::removed:
      line = cat("- ", change.name, " ", change.old_version);
      break;
    case Kind::upgraded:
      line = cat("^ ", change.name, " ", change.old_version, " -> ", change.new_version);
      break;
    case Kind::downgraded:
      line = cat("v ", change.name, " ", change.old_version, " -> ", change.new_version);
      break;
    case Kind::reinstalled:
      line = cat("~ ", change.name, " ", change.new_version);
      break;
  }
  return cat(line, change.source.empty() ? "" : " from ", change.source, "\n");
}

std::string joined(const std::vector<pep::Version>& versions) {
  std::string text;
  for (const auto& version : versions) append(text, text.empty() ? "" : ",", version.to_string());
  return text;
}

std::string change_line(const lock::LockChange& change) {
  constexpr std::string_view kSigns[]{"+", "-", "^", "v", "*"};
  const auto before = joined(change.before), after = joined(change.after);
  return cat(kSigns[static_cast<std::size_t>(change.kind)], " ", change.name.str(), " ", before,
             before.empty() || after.empty() ? "" : " -> ", after, "\n");
}

}  // namespace

ops::InputOptions inputs_of(Words& words) {
  ops::InputOptions inputs;
  inputs.requirements_files = words.values("-r");
  inputs.constraints_files = words.values("-c");
  inputs.override_files = words.values("--override");
  inputs.editables = words.values("-e");
  inputs.groups = words.values("--group");
  inputs.extras = words.values("--extra");
  inputs.all_extras = words.flag("--all-extras");
  inputs.excludes = words.values("--exclude");
  inputs.stdin_text = words.value("--stdin");
  inputs.require_hashes = words.flag("--require-hashes");
  inputs.no_require_hashes = words.flag("--no-verify-hashes");
  return inputs;
}

ops::ResolveOptions resolve_of(Words& words) {
  ops::ResolveOptions options;
  auto& policy = options.policy;
  options.upgrade = words.flag("-U");
  if (words.flag("--eager")) options.upgrade_strategy = ops::UpgradeStrategy::eager;
  options.upgrade_packages = words.values("-P");
  if (words.flag("--pre")) policy.prereleases = resolver::Prereleases::allow;
  if (words.flag("--lowest")) policy.order = resolver::Order::lowest;
  if (const auto date = words.value("--before"); !date.empty()) {
    options.exclude_newer = date;
    policy.exclude_newer = time::parse_rfc3339(date);
  }
  policy.no_deps = words.flag("--no-deps");
  for (const auto& value : words.values("--only-binary"))
    REQUIRE_OK(ops::add_format_control(value, true, policy.format));
  for (const auto& value : words.values("--no-binary"))
    REQUIRE_OK(ops::add_format_control(value, false, policy.format));
  policy.prefer_binary = words.flag("--prefer-binary");
  policy.ignore_requires_python = words.flag("--ignore-python");
  return options;
}

ops::EnvironmentOptions environment_of(Words& words) {
  ops::EnvironmentOptions options;
  options.python = words.value("--python");
  options.target = words.value("--target");
  options.prefix = words.value("--prefix");
  options.root = words.value("--root");
  options.user = words.flag("--user");
  options.system = words.flag("--system");
  options.break_system_packages = words.flag("--break-system-packages");
  options.require_virtualenv = words.flag("--require-virtualenv");
  options.active = words.flag("--active");
  return options;
}

ops::SelectionOptions selection_of(Words& words) {
  ops::SelectionOptions options;
  options.extras = words.values("--extra");
  options.groups = words.values("--group");
  options.excluded_groups = words.values("--no-group");
  options.only_groups = words.values("--only-group");
  options.all_extras = words.flag("--all-extras");
  options.all_groups = words.flag("--all-groups");
  options.no_default_groups = words.flag("--no-default-groups");
  return options;
}

ops::LockOptions lock_of(Words& words) {
  ops::LockOptions options;
  options.resolve = resolve_of(words);
  options.inputs.constraints_files = words.values("-c");
  options.inputs.override_files = words.values("--override");
  options.script = words.value("--script");
  options.output = words.value("-o");
  options.check = words.flag("--check");
  if (words.flag("--mirror-neutral")) options.mirror_neutral = true;
  if (words.flag("--no-mirror-neutral")) options.mirror_neutral = false;
  options.strict_requires_python = words.flag("--strict-requires-python");
  if (words.flag("--fewest")) options.fewest_versions = true;
  options.python = words.value("--lock-python");
  return options;
}

void lock_use_of(Words& words, ops::LockUse& use) {
  use.lock = lock_of(words);
  use.file = words.value("--file");
  use.locked = words.flag("--locked");
  use.frozen = words.flag("--frozen");
  use.dry_run = use.lock.dry_run = words.flag("--dry-run");
  use.members.packages = words.values("--package");
  use.members.all = words.flag("--all-packages");
}

ops::SyncOptions sync_of(Words& words) {
  ops::SyncOptions options;
  lock_use_of(words, options);
  options.selection = selection_of(words);
  options.environment = environment_of(words);
  if (words.flag("--reinstall")) options.reinstall = venv::Reinstall::all;
  options.reinstall_packages = words.values("--reinstall-package");
  options.inexact = words.flag("--inexact");
  options.no_editable = words.flag("--no-editable");
  options.no_install_project = words.flag("--no-install-project");
  options.no_install_workspace = words.flag("--no-install-workspace");
  options.no_install_local = words.flag("--no-install-local");
  options.no_install = words.values("--no-install-package");
  options.other.python_version = words.value("--python-version");
  options.other.platforms = words.values("--platform");
  return options;
}

std::string lines_of(const std::vector<std::string>& texts, std::string_view prefix) {
  std::string lines;
  for (const auto& text : texts) append(lines, prefix, text, "\n");
  return lines;
}

std::string one_line(std::string_view label, std::string_view lines) {
  return cat(label, ": ", replace_all(trim(lines), "\n", "; "), "\n");
}

std::string error_lines(const Error& error) {
  std::string text = cat("error ", kind_name(error.kind), ": ", error.message, "\n");
  for (const auto& context : error.context) append(text, "  ", replace_all(context, "\n", "\n  "), "\n");
  if (!error.hint.empty()) append(text, "hint: ", error.hint, "\n");
  return text;
}

std::string install_lines(const ops::InstallReport& report) {
  std::string text;
  if (!report.made_again.empty())
    append(text, report.made_again, "\n");
  else if (report.created_environment)
    append(text, "made ", report.prefix.native(), "\n");
  for (const auto& change : report.changes) append(text, change_line(change));
  for (const auto& kept : report.kept) append(text, "= ", kept.name, " ", kept.new_version, "\n");
  return text + lines_of(report.warnings, "warning: ");
}

std::string lock_lines(const ops::LockReport& report) {
  std::string text;
  if (report.fresh) text = "fresh\n";
  if (report.written) append(text, "wrote ", report.path.native(), "\n");
  for (const auto& change : report.changes) append(text, change_line(change));
  for (const auto& change : report.build_changes) append(text, "to build with: ", change_line(change));
  return text + lines_of(report.notes, "note: ") + lines_of(report.warnings, "warning: ");
}

std::string sync_lines(const ops::SyncReport& report) {
  std::string text;
  if (report.unchanged) text = "unchanged\n";
  if (report.lock) text += one_line("lock", lock_lines(*report.lock));
  return text + install_lines(report.install) + lines_of(report.notes, "note: ");
}

std::string pin_lines(const resolver::Resolution& resolution) {
  std::string text;
  for (const auto& pin : resolution.pins) {
    append(text, pin.name.str());
    for (std::size_t i = 0; i < pin.extras.size(); ++i) append(text, i == 0 ? "[" : ",", pin.extras[i].str());
    append(text, pin.extras.empty() ? " " : "] ", pin.version.to_string());
    if (pin.direct) append(text, " from ", pin.best_file().url);
    if (!pin.marker.is_trivial()) append(text, " ; ", pin.marker.to_string());
    append(text, "\n");
  }
  return text;
}

}  // namespace pkg::test
