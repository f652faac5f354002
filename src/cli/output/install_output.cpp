#include "cli/output/install_output.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <nlohmann/json.hpp>

#include "base/fs.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/text.h"
#include "cli/output/lock_output.h"
#include "cli/output/output.h"
#include "cli/output/pip_report.h"
#include "cli/output/render.h"

namespace pkg::cli {

void tell_environment(const EnvironmentChange& change, CommandContext& context) {
  const auto place = quote(change.prefix.string());
  if (!change.made_again.empty())
    err(change.made_again, "\n");
  else if (change.created)
    err(change.dry_run ? "Would make the environment " : "Made the environment ", place, "\n");
  else if (change.any && change.prefix != context.session().working_folder() / ".venv")
    err("In the environment ", place, ":\n");
}

EnvironmentChange environment_change(const ops::InstallReport& report) {
  return {report.prefix, report.made_again, report.created_environment, report.dry_run, !report.changes.empty()};
}

Result<int> print_install(const ops::InstallReport& report, std::string_view verb, const std::string& report_file,
                          CommandContext& context) {
  for (const auto& warning : report.warnings) context.session().reporter().warning(warning);
  if (!report_file.empty()) PKG_TRY(write_pip_report(report.dists, report.markers, report_file, context));
  if (context.global().json) {
    if (report_file != "-") out_json(install_json(report, verb));
    return 0;
  }
  if (!context.says(0)) return 0;
  tell_environment(environment_change(report), context);
  err(changes_text(report.changes));
  err(install_summary(report));
  return 0;
}

void tell_sync(const ops::SyncReport& report, CommandContext& context) {
  if (report.lock) tell_lock(*report.lock, context);
  for (const auto& warning : report.install.warnings) context.session().reporter().warning(warning);
  if (context.global().json || !context.says(0)) return;
  const auto& install = report.install;
  if (!install.prefix.empty()) tell_environment(environment_change(install), context);
  for (const auto& note : report.notes) err(note, "\n");
  if (report.install.changes.empty()) return;
  err(changes_text(report.install.changes));
  err(install_summary(report.install));
}

Result<int> print_sync(const ops::SyncReport& report, std::string_view verb, CommandContext& context) {
  tell_sync(report, context);
  if (context.global().json) {
    auto value = install_json(report.install, verb);
    value["lock"] = report.lock_path.string();
    value["lock_written"] = report.lock && report.lock->written;
    value["unchanged"] = report.unchanged;
    value["packages"] = report.packages;
    value["notes"] = report.notes;
    if (report.lock) value["lock_changes"] = lock_changes_json(report.lock->changes);
    out_json(value);
  } else if (report.install.changes.empty() && context.says(0)) {
    err("Nothing to do: the environment has the ", counted(report.packages, "package"), " of ",
        quote(report.lock_path.filename().string()), "\n");
  }
  return 0;
}

Status read_standard_input(ops::InputOptions& inputs) {
  const auto has_dash = [](const std::vector<std::string>& files) {
    return std::ranges::find(files, "-") != files.end();
  };
  if (!has_dash(inputs.requirements_files) && !has_dash(inputs.constraints_files) && !has_dash(inputs.override_files))
    return ok_status();
  PKG_TRY_ASSIGN(inputs.stdin_text, fs::read_stream_at_most(STDIN_FILENO, "standard input", limits::kText));
  return ok_status();
}

}  // namespace pkg::cli
