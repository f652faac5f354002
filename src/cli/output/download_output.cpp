#include "cli/output/download_output.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "cli/output/output.h"
#include "cli/output/pip_report.h"
#include "cli/output/render.h"

namespace pkg::cli {
namespace {

json::Json files_json(const ops::DownloadReport& report) {
  auto list = json::Json::array();
  for (const auto& file : report.files) {
    json::Json item{{"name", file.name},
                    {"version", file.version},
                    {"file", file.file_name},
                    {"kept", file.kept},
                    {"built", file.built}};
    if (!file.sha256_hex.empty()) {
      item["sha256"] = file.sha256_hex;
      item["size"] = file.size_bytes;
    }
    list.push_back(std::move(item));
  }
  return list;
}

Text summary(const ops::DownloadReport& report, bool dry_run) {
  const auto count = [&](auto is_it) { return static_cast<std::size_t>(std::ranges::count_if(report.files, is_it)); };
  const auto kept = count([](const ops::DownloadedFile& file) { return file.kept; });
  const auto built = count([](const ops::DownloadedFile& file) { return file.built && !file.kept; });
  if (dry_run)
    return Text("Would put ", counted(report.files.size(), "file"), " into ", quote(report.folder.string()), "\n");
  Text text(counted(report.files.size(), "file"), " in ", quote(report.folder.string()));
  if (kept > 0)
    append(text, ", ", kept == report.files.size() ? std::string("all") : cat(kept), " of them there before");
  if (built > 0) append(text, ", ", built, " built");
  append(text, " (", time::elapsed(report.seconds), ")\n");
  return text;
}

}  // namespace

void add_download_options(OptionParser& parser, ops::DownloadOptions& options, std::string& report_file) {
  parser.positionals("REQUIREMENT", options.inputs.words, "What to get: names with specifiers, paths or URLs");
  add_input_options(parser, options.inputs);
  parser.group("Options");
  parser.text("-p,--python", options.python, "Resolve for this environment, interpreter or version", "PATH|VERSION");
  parser.flag("--only-deps,--only-dependencies", options.only_dependencies,
              "Take what the named ones require, without themselves");
  parser.setting("dry-run", options.dry_run);
  parser.text("--report", report_file, "Write pip's installation report to this file; `-` is standard output", "FILE");
}

void add_other_target_options(OptionParser& parser, ops::OtherTarget& other, const std::string& title) {
  parser.group(title);
  parser.list("--platform,--python-platform", other.platforms,
              "Take files for this platform tag, or for linux, macos or windows; several are tried in order",
              "PLATFORM");
  parser.text("--python-version", other.python_version, "Take files for this Python: 3.12, 3.12.1 or 312", "VERSION");
  parser.text("--implementation", other.implementation, "Take files for this implementation: cp, pp, or py for any",
              "IMPL");
  parser.list("--abi", other.abis, "Take files for this ABI tag; several are tried in order", "ABI");
}

Status check_download_options(const ops::DownloadOptions& options, std::string_view verb) {
  const auto& inputs = options.inputs;
  if (!inputs.names_something())
    return make_error(ErrorKind::usage, "no requirement was named", cat("pkg ", verb, " NAME, or -r FILE"));
  if (options.only_dependencies && (options.resolve.policy.no_deps || inputs.names_files()))
    return make_error(ErrorKind::usage,
                      "--only-deps leaves out what is named: it cannot be combined with --no-deps, -r or --group");
  return ok_status();
}

Result<int> print_download(const ops::DownloadReport& report, std::string_view verb, const std::string& report_file,
                           bool dry_run, CommandContext& context) {
  for (const auto& warning : report.warnings) context.session().reporter().warning(warning);
  if (!report_file.empty()) PKG_TRY(write_pip_report(report.dists, report.markers, report_file, context));
  if (context.global().json) {
    auto value = result_json(verb);
    value["folder"] = report.folder.string();
    value["dry_run"] = dry_run;
    value["files"] = files_json(report);
    value["warnings"] = report.warnings;
    value["seconds"] = report.seconds;
    if (report_file != "-") out_json(value);
    return 0;
  }
  if (!context.says(0)) return 0;
  for (const auto& file : report.files) {
    const std::string_view mark = file.kept ? "=" : "+";
    err(mark, " ", file.file_name.empty() ? cat(file.name, " ", file.version) : file.file_name, "\n");
  }
  err(summary(report, dry_run));
  return 0;
}

}  // namespace pkg::cli
