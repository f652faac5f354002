#include "cli/output/render.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/secret_url.h"
#include "base/text.h"
#include "base/time.h"
#include "cli/output/output.h"

namespace pkg::cli {
namespace {

using Kind = ops::ChangedDist::Kind;

std::string_view kind_name(Kind kind) {
  switch (kind) {
    case Kind::added:
      return "added";
    case Kind::removed:
      return "removed";
    case Kind::upgraded:
      return "upgraded";
    case Kind::downgraded:
      return "downgraded";
    case Kind::reinstalled:
      return "reinstalled";
  }
  return {};
}

Text change_line(const ops::ChangedDist& change) {
  const auto& name = change.name;
  Text line;
  switch (change.kind) {
    case Kind::added:
      line = Text(styled("+", Style::green, Stream::err), " ", name, " ", change.new_version);
      break;
    case Kind::removed:
      line = Text(styled("-", Style::red, Stream::err), " ", name, " ", change.old_version);
      break;
    case Kind::reinstalled:
      line = Text(styled("~", Style::yellow, Stream::err), " ", name, " ", change.new_version, " (reinstalled)");
      break;
    case Kind::upgraded:
    case Kind::downgraded:
      line =
          Text(styled("~", Style::yellow, Stream::err), " ", name, " ", change.old_version, " -> ", change.new_version);
      if (change.kind == Kind::downgraded) append(line, " (older)");
      break;
  }
  if (!change.source.empty()) append(line, " (from ", change.source, ")");
  return line;
}

}  // namespace

std::string counted(std::size_t count, std::string_view noun) { return cat(count, " ", noun, count == 1 ? "" : "s"); }

Text changes_text(const std::vector<ops::ChangedDist>& changes) {
  Text text;
  for (const auto& change : changes) append(text, change_line(change), "\n");
  return text;
}

Text install_summary(const ops::InstallReport& report) {
  const auto count = [&](auto... kinds) {
    return static_cast<std::size_t>(
        std::ranges::count_if(report.changes, [&](const auto& c) { return ((c.kind == kinds) || ...); }));
  };
  if (report.changes.empty()) {
    return Text("Nothing to do: ", counted(report.kept.size(), "requirement"), " already satisfied\n");
  }
  const auto installed = count(Kind::added), changed = count(Kind::upgraded, Kind::downgraded, Kind::reinstalled),
             removed = count(Kind::removed);
  std::vector<std::string> parts;
  if (installed > 0)
    parts.push_back(cat(report.dry_run ? "Would install " : "Installed ", counted(installed, "package")));
  if (changed > 0)
    parts.push_back(cat(parts.empty() ? (report.dry_run ? "Would change " : "Changed ") : "changed ",
                        parts.empty() ? counted(changed, "package") : cat(changed)));
  if (removed > 0)
    parts.push_back(cat(parts.empty() ? (report.dry_run ? "Would remove " : "Removed ") : "removed ",
                        parts.empty() ? counted(removed, "package") : cat(removed)));
  Text text(join(parts, ", "));
  if (report.dry_run) return Text(text, "\n");
  append(text, " in ", time::elapsed(report.resolve_s + report.install_s), " (resolved in ",
         time::elapsed(report.resolve_s), ")\n");
  return text;
}

Text uninstall_summary(const ops::UninstallReport& report) {
  if (report.changes.empty()) return Text("Nothing to do\n");
  if (report.dry_run) return Text("Would remove ", counted(report.changes.size(), "package"), "\n");
  return Text("Removed ", counted(report.changes.size(), "package"), " in ", time::elapsed(report.seconds), "\n");
}

json::Json result_json(std::string_view verb) { return {{"schema", 1}, {"verb", std::string(verb)}}; }

json::Json changes_json(const std::vector<ops::ChangedDist>& changes) {
  auto list = json::Json::array();
  for (const auto& change : changes) {
    json::Json item{{"change", std::string(kind_name(change.kind))}, {"name", change.name}};
    if (!change.old_version.empty()) item["old_version"] = change.old_version;
    if (!change.new_version.empty()) item["new_version"] = change.new_version;
    if (!change.source.empty()) item["source"] = url::redact(change.source);
    item["requested"] = change.requested;
    list.push_back(std::move(item));
  }
  return list;
}

json::Json install_json(const ops::InstallReport& report, std::string_view verb) {
  auto value = result_json(verb);
  value["environment"] = report.prefix.string();
  value["created_environment"] = report.created_environment;
  value["dry_run"] = report.dry_run;
  value["changes"] = changes_json(report.changes);
  auto kept = json::Json::array();
  for (const auto& dist : report.kept) kept.push_back({{"name", dist.name}, {"version", dist.new_version}});
  value["kept"] = std::move(kept);
  value["warnings"] = report.warnings;
  value["seconds"] = {{"resolve", report.resolve_s}, {"install", report.install_s}};
  return value;
}

json::Json environment_json(const pep::Environment& m) {
  return {{"implementation_name", m.implementation_name},
          {"implementation_version", m.implementation_version},
          {"os_name", m.os_name},
          {"platform_machine", m.platform_machine},
          {"platform_release", m.platform_release},
          {"platform_system", m.platform_system},
          {"platform_version", m.platform_version},
          {"python_full_version", m.python_full_version},
          {"platform_python_implementation", m.platform_python_implementation},
          {"python_version", m.python_version},
          {"sys_platform", m.sys_platform}};
}

json::Json raw_metadata_json(const pep::RawMetadata& metadata) {
  // Fields that may stand more than once become arrays, under their JSON names: Requires-Dist → requires_dist.
  static constexpr auto kMany = std::to_array<std::string_view>(
      {"platform", "supported-platform", "classifier", "requires-dist", "requires-external", "project-url",
       "provides-extra", "provides-dist", "obsoletes-dist", "license-file", "dynamic", "provides", "requires",
       "obsoletes", "import-name", "import-namespace"});
  json::Json value = json::Json::object();
  for (const auto& [key, text] : metadata.fields) {
    auto name = replace_all(key, "-", "_");
    if (std::ranges::find(kMany, key) != kMany.end())
      value[name].push_back(text);
    else if (key == "keywords") {
      for (const auto word : split(text, ',')) value[name].push_back(std::string(trim(word)));
    } else
      value[name] = text;
  }
  if (!metadata.description.empty()) value["description"] = metadata.description;
  return value;
}

std::string shown_words(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words)
    append(text, text.empty() ? "" : " ",
           word.find("://") == std::string::npos ? url::redact(word) : without_secrets(word));
  return text;
}

Text table(const std::vector<std::vector<std::string>>& foreign) {
  auto rows = foreign;
  for (auto& row : rows)
    for (auto& cell : row) cell = Text(cell).str();
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  Text text;
  const auto add = [&](const std::vector<std::string>& row) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += row[i];
      if (i + 1 < row.size()) line.append(widths[i] - row[i].size() + 1, ' ');
    }
    append(text, line, "\n");
  };
  for (std::size_t i = 0; i < rows.size(); ++i) {
    add(rows[i]);
    if (i > 0) continue;
    std::vector<std::string> dashes;
    for (const auto width : widths) dashes.emplace_back(width, '-');
    add(dashes);
  }
  return text;
}

}  // namespace pkg::cli
