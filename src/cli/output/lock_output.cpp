#include "cli/output/lock_output.h"

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "base/time.h"
#include "cli/output/output.h"
#include "cli/output/render.h"

namespace pkg::cli {
namespace {

using LockKind = lock::LockChange::Kind;

std::string_view kind_name(LockKind kind) {
  switch (kind) {
    case LockKind::added:
      return "added";
    case LockKind::removed:
      return "removed";
    case LockKind::upgraded:
      return "upgraded";
    case LockKind::downgraded:
      return "downgraded";
    case LockKind::changed:
      return "changed";
  }
  return {};
}

std::vector<std::string> texts(const std::vector<pep::Version>& versions) {
  std::vector<std::string> list;
  for (const auto& version : versions) list.push_back(version.to_string());
  return list;
}

Text change_line(const lock::LockChange& change) {
  const auto before = join(texts(change.before), ", "), after = join(texts(change.after), ", ");
  const auto line = [&](std::string_view sign, Style style, const std::string& rest) {
    return Text(styled(sign, style, Stream::err), " ", change.name.str(), rest.empty() ? "" : " ", rest);
  };
  switch (change.kind) {
    case LockKind::added:
      return line("+", Style::green, after);
    case LockKind::removed:
      return line("-", Style::red, before);
    case LockKind::changed:
      return line("~", Style::yellow, cat(after, after.empty() ? "" : " ", "(other files or markers)"));
    case LockKind::upgraded:
    case LockKind::downgraded:
      break;
  }
  return line("~", Style::yellow, cat(before, " -> ", after, change.kind == LockKind::downgraded ? " (older)" : ""));
}

Text summary(const ops::LockReport& report) {
  const auto name = quote(report.path.filename().string());
  if (report.fresh) return Text(name, " is up to date\n");
  const auto count = counted(report.lock.packages.size(), "package");
  if (report.is_trial)
    return Text("Resolved ", count, " in ", time::elapsed(report.seconds), ": there is no ", name, "\n");
  const auto done =
      report.dry_run ? (report.changes.empty() && report.build_changes.empty() ? " would not change" : " would change")
      : !report.written ? " stays as it was"
                        : " written";
  return Text("Resolved ", count, " in ", time::elapsed(report.seconds), ": ", name, done, "\n");
}

json::Json lock_json(const ops::LockReport& report, std::string_view verb) {
  auto value = result_json(verb);
  value["lock"] = report.path.string();
  value["fresh"] = report.fresh;
  value["written"] = report.written;
  value["dry_run"] = report.dry_run;
  value["changes"] = lock_changes_json(report.changes);
  value["build_changes"] = lock_changes_json(report.build_changes);
  if (!report.fresh) {
    auto packages = json::Json::array();
    for (const auto& package : report.lock.packages) {
      json::Json item{{"name", package.name.str()}};
      if (package.version) item["version"] = package.version->to_string();
      if (!package.marker.is_trivial()) item["marker"] = package.marker.to_string();
      packages.push_back(std::move(item));
    }
    value["packages"] = std::move(packages);
  }
  value["notes"] = report.notes;
  value["warnings"] = report.warnings;
  value["seconds"] = report.seconds;
  return value;
}

}  // namespace

Text lock_changes_text(const std::vector<lock::LockChange>& changes) {
  Text text;
  for (const auto& change : changes) append(text, change_line(change), "\n");
  return text;
}

json::Json lock_changes_json(const std::vector<lock::LockChange>& changes) {
  auto list = json::Json::array();
  for (const auto& change : changes) {
    list.push_back({{"change", std::string(kind_name(change.kind))},
                    {"name", change.name.str()},
                    {"old_versions", texts(change.before)},
                    {"new_versions", texts(change.after)}});
  }
  return list;
}

void tell_lock(const ops::LockReport& report, CommandContext& context) {
  for (const auto& warning : report.warnings) context.session().reporter().warning(warning);
  if (report.fresh || context.global().json || !context.says(0)) return;
  for (const auto& note : report.notes) err(note, "\n");
  err(lock_changes_text(report.changes));
  if (!report.build_changes.empty()) err("To build with:\n", lock_changes_text(report.build_changes));
  err(summary(report));
}

Result<int> print_lock(const ops::LockReport& report, std::string_view verb, CommandContext& context) {
  tell_lock(report, context);
  if (context.global().json)
    out_json(lock_json(report, verb));
  else if (report.fresh && context.says(0))
    err(summary(report));
  return 0;
}

}  // namespace pkg::cli
