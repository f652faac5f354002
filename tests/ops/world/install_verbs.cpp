// install, sync, uninstall, report, venv, compile, run.

#include "base/text.h"
#include "ops/install/install.h"
#include "ops/install/report.h"
#include "ops/install/sync.h"
#include "ops/install/uninstall.h"
#include "ops/install/venv.h"
#include "ops/run/run.h"
#include "ops/solve/compile.h"
#include "ops/world/verb.h"

namespace pkg::test {
namespace {

ops::InstallOptions install_options(Words& words) {
  ops::InstallOptions options;
  options.inputs = inputs_of(words);
  options.environment = environment_of(words);
  options.resolve = resolve_of(words);
  if (words.flag("--reinstall")) options.reinstall = venv::Reinstall::all;
  options.reinstall_packages = words.values("--reinstall-package");
  if (!options.reinstall_packages.empty()) options.reinstall = venv::Reinstall::listed;
  options.other.python_version = words.value("--python-version");
  options.other.platforms = words.values("--platform");
  options.other.implementation = words.value("--implementation");
  options.other.abis = words.values("--abi");
  options.ignore_installed = words.flag("--ignore-installed");
  options.only_dependencies = words.flag("--only-deps");
  options.dry_run = words.flag("--dry-run");
  if (words.value("--file-conflicts") == "error") options.apply.file_conflicts = venv::FileConflicts::error;
  if (words.flag("--copy")) options.apply.link_mode = venv::LinkMode::copy;
  return options;
}

Result<std::string> install(VerbCall& call) {
  auto options = install_options(call.words);
  auto building = call.session.build_options();
  building.no_url_dependencies = call.words.flag("--no-url-dependencies");
  call.session.set_build_options(std::move(building));
  options.inputs.words = call.words.rest();
  PKG_TRY_ASSIGN(const auto report, ops::install(options, call.session));
  return install_lines(report);
}

Result<std::string> sync(VerbCall& call) {
  auto options = install_options(call.words);
  options.inputs.requirements_files = call.words.rest();
  PKG_TRY_ASSIGN(const auto report, ops::sync(options, call.session));
  return install_lines(report);
}

Result<std::string> sync_lock(VerbCall& call) {
  const auto options = sync_of(call.words);
  call.words.rest();
  PKG_TRY_ASSIGN(const auto report, ops::sync_lock(options, call.session));
  return sync_lines(report);
}

Result<std::string> uninstall(VerbCall& call) {
  ops::UninstallOptions options;
  options.environment = environment_of(call.words);
  options.requirements_files = call.words.values("-r");
  options.orphans = call.words.flag("--orphans");
  options.dry_run = call.words.flag("--dry-run");
  options.names = call.words.rest();
  PKG_TRY_ASSIGN(const auto report, ops::uninstall(options, call.session));
  ops::InstallReport told;
  told.changes = report.changes;
  told.warnings = report.warnings;
  return install_lines(told) + lines_of(report.not_installed, "not installed: ") + lines_of(report.files, "file ");
}

std::string reported_line(const ops::ReportedDist& dist) {
  const auto field = [&](const char* key) {
    const auto* text = dist.metadata.get(key);
    return text == nullptr ? std::string("?") : *text;
  };
  return cat(field("name"), " ", field("version"), dist.requested ? " requested" : "", dist.is_direct ? " direct" : "",
             dist.is_yanked ? " yanked" : "", " ", dist.source.to_json());
}

// pip's installation report, of what install would do.
Result<std::string> report(VerbCall& call) {
  auto options = install_options(call.words);
  options.want_report = true;
  options.inputs.words = call.words.rest();
  PKG_TRY_ASSIGN(const auto done, ops::install(options, call.session));
  std::vector<std::string> lines;
  for (const auto& dist : done.dists) lines.push_back(reported_line(dist));
  return lines_of(lines);
}

Result<std::string> venv(VerbCall& call) {
  ops::VenvOptions options;
  options.python = call.words.value("--python");
  options.prompt = call.words.value("--prompt");
  options.seed = call.words.flag("--seed");
  if (call.words.flag("--clear")) options.if_exists = venv::IfExists::clear;
  if (const auto folder = call.words.rest(); !folder.empty()) options.folder = folder.front();
  PKG_TRY_ASSIGN(const auto made, ops::make_venv(options, call.session));
  return cat(made.folder.native(), " ", made.implementation, " ", made.version, "\n") + lines_of(made.seeded, "+ ");
}

Result<std::string> compile(VerbCall& call) {
  ops::CompileOptions options;
  options.inputs = inputs_of(call.words);
  options.resolve = resolve_of(call.words);
  options.python = call.words.value("--python");
  options.python_version = call.words.value("--python-version");
  options.python_platform = call.words.value("--python-platform");
  options.universal = call.words.flag("--universal");
  options.output_file = call.words.value("-o");
  const bool annotate = call.words.flag("--annotate");
  options.inputs.words = call.words.rest();
  PKG_TRY_ASSIGN(const auto report, ops::compile(options, call.session));
  auto text = pin_lines(report.resolution);
  for (const auto& pin : report.resolution.pins)
    for (const auto& edge : pin.required_by)
      if (annotate)
        append(text, "# ", pin.name.str(), " via ",
               edge.parent < 0 ? edge.requirement.origin.to_string()
                               : report.resolution.pins[static_cast<std::size_t>(edge.parent)].name.str(),
               "\n");
  return text + lines_of(report.warnings, "warning: ");
}

// The command line comes after "--".
Result<std::string> run(VerbCall& call) {
  ops::RunOptions options;
  options.sync = sync_of(call.words);
  options.with = call.words.values("--with");
  options.with_files = call.words.values("--with-requirements");
  options.with_editable = call.words.values("--with-editable");
  options.env_files = call.words.values("--env-file");
  options.isolated = call.words.flag("--isolated");
  if (call.words.flag("--input")) options.input = "print(1)\n";
  options.script = call.words.flag("-s");
  options.module = call.words.flag("-m");
  options.no_sync = call.words.flag("--no-sync");
  options.no_project = call.words.flag("--no-project");
  options.command = call.words.rest();
  PKG_TRY_ASSIGN(const auto plan, ops::plan_run(options, call.session));
  std::string text;
  if (plan.sync) text += one_line("sync", sync_lines(*plan.sync));
  if (plan.script_environment) text += one_line("script", install_lines(*plan.script_environment));
  if (plan.with_environment) text += one_line("with", install_lines(*plan.with_environment));
  if (!plan.made.empty()) append(text, "made ", plan.made.native(), "\n");
  for (const auto& step : plan.steps) {
    if (!step.task.empty()) append(text, "task ", step.task, " in ", step.folder.native(), "\n");
    PKG_TRY_ASSIGN(const auto command, ops::command_of(plan, step));
    append(text, "program ", command.program.native(), "\nargv ", join(command.argv, " "), "\n");
    if (command.input) append(text, "input ", plan.input.size(), " bytes\n");
    for (const auto& [name, value] : command.variables)
      append(text, name, value ? "=" : " unset", value.value_or(""), "\n");
  }
  return text;
}

}  // namespace

Verbs install_verbs() {
  return {{"install", install}, {"sync", sync}, {"sync-lock", sync_lock}, {"uninstall", uninstall},
          {"report", report},   {"venv", venv}, {"compile", compile},     {"run", run}};
}

}  // namespace pkg::test
