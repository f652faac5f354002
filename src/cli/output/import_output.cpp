#include "cli/output/import_output.h"

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "cli/output/lock_output.h"
#include "cli/output/output.h"
#include "cli/output/render.h"

namespace pkg::cli {
namespace {

std::string counted_as(std::size_t count, std::string_view one, std::string_view many) {
  return cat(count, ' ', count == 1 ? one : many);
}

std::string quoted_list(const std::vector<std::string>& names) {
  std::vector<std::string> quoted;
  for (const auto& name : names) quoted.push_back(quote(name));
  return join(quoted, ", ");
}

Text summary(const ops::ImportReport& report, bool dry_run) {
  std::vector<std::string> parts{counted_as(report.dependencies, "dependency", "dependencies")};
  if (report.extras > 0) parts.push_back(counted_as(report.extras, "extra", "extras"));
  if (report.groups > 0) parts.push_back(counted_as(report.groups, "group", "groups"));
  if (report.sources > 0) parts.push_back(counted_as(report.sources, "source", "sources"));
  if (report.indexes > 0) parts.push_back(counted_as(report.indexes, "index", "indexes"));
  const auto name = quote(report.path.filename().string());
  const bool is_table = report.manifest == report.path.filename().string();
  const auto what =
      is_table ? cat("[tool.", to_ascii_lower(report.tool), "]") : cat(quote(report.manifest), " (", report.tool, ")");
  if (!report.is_changed) return Text("Nothing to import from ", what, " that ", name, " does not have\n");
  return Text(dry_run ? "Would import " : "Imported ", what, " into ", name, ": ", join(parts, ", "), "\n");
}

Text note_line(const ops::ImportNote& note) {
  const auto place = note.origin.file.empty() ? std::string() : cat(note.origin.to_string(), ": ");
  return Text(styled("!", Style::yellow, Stream::err), " ", place, note.text, "\n");
}

json::Json import_json(const ops::ImportReport& report, bool dry_run) {
  auto value = result_json("import");
  value["file"] = report.path.string();
  value["dry_run"] = dry_run;
  value["changed"] = report.is_changed;
  value["tool"] = report.tool;
  value["read"] = report.read;
  value["others"] = report.others;
  value["obsolete"] = report.obsolete;
  value["notes"] = json::Json::array();
  for (const auto& note : report.notes) {
    json::Json item{{"text", note.text}};
    if (!note.origin.file.empty()) item["place"] = note.origin.to_string();
    value["notes"].push_back(std::move(item));
  }
  if (dry_run) value["text"] = report.text;
  if (report.lock) {
    value["lock"] = report.lock->path.string();
    value["lock_written"] = report.lock->written;
    value["lock_changes"] = lock_changes_json(report.lock->changes);
    value["lost_pins"] = report.lost_pins;
  }
  return value;
}

}  // namespace

Result<int> print_import(const ops::ImportReport& report, bool dry_run, CommandContext& context) {
  if (context.global().json) {
    out_json(import_json(report, dry_run));
    return 0;
  }
  if (dry_run) out_file(report.text);
  if (context.says(0)) {
    err(summary(report, dry_run));
    for (const auto& note : report.notes) err(note_line(note));
  }
  if (report.lock) tell_lock(*report.lock, context);
  if (!context.says(0)) return 0;
  for (const auto& line : report.lost_pins) err(styled("!", Style::yellow, Stream::err), " ", line, "\n");
  if (!report.others.empty())
    err("Not imported: ", quoted_list(report.others), "; `pkg import FILE` takes another one\n");
  if (!dry_run && !report.obsolete.empty())
    err("Left as they are, and needed by ", report.tool, " alone: ", quoted_list(report.obsolete), "\n");
  return 0;
}

}  // namespace pkg::cli
