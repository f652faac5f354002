// lock, merge, explain, export, download, wheel, bundle.

#include "base/text.h"
#include "ops/bundle/bundle.h"
#include "ops/bundle/download.h"
#include "ops/lock/explain_lock.h"
#include "ops/lock/export.h"
#include "ops/lock/lock.h"
#include "ops/world/verb.h"

namespace pkg::test {
namespace {

Result<std::string> lock(VerbCall& call) {
  auto options = lock_of(call.words);
  options.dry_run = call.words.flag("--dry-run");
  call.words.rest();
  PKG_TRY_ASSIGN(const auto report, ops::lock_project(options, call.session));
  return lock_lines(report);
}

Result<std::string> merge(VerbCall& call) {
  const auto options = lock_of(call.words);
  const auto files = call.words.rest();
  if (files.size() != 3) return make_error(ErrorKind::usage, "merge wants three files");
  PKG_TRY_ASSIGN(const auto report, ops::merge_locks({files[0], files[1], files[2]}, options, call.session));
  return lock_lines(report);
}

std::string explained(const ops::ChoiceExplanation& answer) {
  constexpr std::string_view kKinds[]{"newest", "prerelease", "conflict", "preference", "trade", "files"};
  std::string text = cat(answer.version.to_string(), " ", kKinds[static_cast<std::size_t>(answer.kind)]);
  if (!answer.marker.is_trivial()) append(text, " ; ", answer.marker.to_string());
  append(text, ": ", answer.headline, "\n");
  return text + lines_of(answer.lines, "  ") + (answer.hint.empty() ? "" : cat("hint: ", answer.hint, "\n"));
}

Result<std::string> explain(VerbCall& call) {
  const auto options = lock_of(call.words);
  const auto names = call.words.rest();
  PKG_TRY_ASSIGN(const auto report, ops::explain_locked(options, names.at(0), call.session));
  std::string text = report.is_stale ? "stale\n" : "";
  for (const auto& answer : report.answers) text += explained(answer);
  return text;
}

Result<std::string> export_lock(VerbCall& call) {
  ops::ExportOptions options;
  lock_use_of(call.words, options);
  options.selection = selection_of(call.words);
  const auto format = call.words.value("--format");
  if (format == "pylock") options.format = ops::ExportFormat::pylock;
  if (format == "cyclonedx") options.format = ops::ExportFormat::cyclonedx;
  options.hashes = !call.words.flag("--no-hashes");
  options.annotate = !call.words.flag("--no-annotate");
  options.header = call.words.value("--header");
  options.leave_out = call.words.values("--no-emit-package");
  options.prune = call.words.values("--prune");
  options.no_local = call.words.flag("--no-emit-local");
  options.python = call.words.value("--python");
  options.python_version = call.words.value("--python-version");
  options.python_platform = call.words.value("--python-platform");
  options.tool_version = "1.0";
  call.words.rest();
  PKG_TRY_ASSIGN(const auto report, ops::export_lock(options, call.session));
  return cat(report.text, "# ", report.packages, " packages\n", lines_of(report.warnings, "warning: "));
}

ops::DownloadOptions download_options(Words& words) {
  ops::DownloadOptions options;
  options.inputs = inputs_of(words);
  options.resolve = resolve_of(words);
  options.python = words.value("--python");
  options.other.python_version = words.value("--python-version");
  options.other.platforms = words.values("--platform");
  options.other.implementation = words.value("--implementation");
  options.other.abis = words.values("--abi");
  options.folder = words.value("-d");
  options.only_dependencies = words.flag("--only-deps");
  options.dry_run = words.flag("--dry-run");
  options.inputs.words = words.rest();
  return options;
}

std::string download_lines(const ops::DownloadReport& report) {
  std::string text;
  for (const auto& file : report.files)
    append(text, file.file_name, file.kept ? " kept" : "", file.built ? " built" : "",
           file.sha256_hex.empty() || file.built ? "" : cat(" ", file.sha256_hex), "\n");
  return text + lines_of(report.warnings, "warning: ");
}

Result<std::string> download(VerbCall& call) {
  PKG_TRY_ASSIGN(const auto report, ops::download(download_options(call.words), call.session));
  return download_lines(report);
}

Result<std::string> wheel(VerbCall& call) {
  PKG_TRY_ASSIGN(const auto report, ops::wheel(download_options(call.words), call.session));
  return download_lines(report);
}

Result<std::string> bundle(VerbCall& call) {
  ops::BundleOptions options;
  if (const auto output = call.words.value("--output"); !output.empty()) options.output = output;
  options.targets.python = call.words.value("--python");
  options.targets.python_versions = call.words.values("--python-version");
  options.targets.platforms = call.words.values("--python-platform");
  options.allow_sdists = call.words.flag("--allow-sdists");
  if (call.words.flag("--of-lock")) {
    options.selection = selection_of(call.words);
  } else {
    options.inputs = inputs_of(call.words);
  }
  lock_use_of(call.words, options);
  options.inputs.words = call.words.rest();
  PKG_TRY_ASSIGN(const auto report, ops::bundle(options, call.session));
  std::string text = cat(report.path.native(), ": ", report.packages, " packages, ", report.files, " files, ",
                         report.built, " built, ", report.sources, " sources for ", join(report.targets, ", "), "\n");
  if (report.lock) text += one_line("lock", lock_lines(*report.lock));
  return text + lines_of(report.notes, "note: ") + lines_of(report.warnings, "warning: ");
}

}  // namespace

Verbs lock_verbs() {
  return {{"lock", lock},         {"merge", merge}, {"explain", explain}, {"export", export_lock},
          {"download", download}, {"wheel", wheel}, {"bundle", bundle}};
}

}  // namespace pkg::test
