#include "cli/output/tool_output.h"

#include <nlohmann/json.hpp>
#include <string>

#include "base/json.h"
#include "base/text.h"
#include "cli/output/render.h"
#include "cli/output/render_error.h"

namespace pkg::cli {
namespace {

std::string_view word_for(ops::ToolOutcome outcome) {
  using enum ops::ToolOutcome;
  return outcome == installed ? "installed" : outcome == changed ? "changed" : "unchanged";
}

std::vector<std::string> texts(const std::vector<pep::Requirement>& requirements) {
  std::vector<std::string> all;
  for (const auto& requirement : requirements) all.push_back(requirement.to_string());
  return all;
}

std::string program_names(const ops::ToolReceipt& receipt) {
  std::vector<std::string> names;
  for (const auto& program : receipt.programs) names.push_back(program.name);
  return join(names, ", ");
}

void add_receipt(json::Json& value, const ops::ToolReceipt& receipt, const std::filesystem::path& environment) {
  value["version"] = receipt.version.to_string();
  value["requirement"] = receipt.wishes.requirement.to_string();
  value["with"] = texts(receipt.wishes.with);
  value["python"] = receipt.python_version;
  value["environment"] = environment.string();
  value["programs"] = json::Json::array();
  for (const auto& program : receipt.programs)
    value["programs"].push_back(
        {{"name", program.name}, {"package", program.package.str()}, {"link", program.link.string()}});
}

json::Json report_json(const ops::ToolReport& report) {
  json::Json value = {{"name", report.receipt.name.str()}, {"outcome", word_for(report.outcome)}};
  add_receipt(value, report.receipt, report.environment);
  value["old_version"] = report.old_version.empty() ? json::Json(nullptr) : json::Json(report.old_version);
  value["changes"] = changes_json(report.changes);
  return value;
}

json::Json error_value(const Error& error) { return error_json(error, "tool")["error"]; }

// "~ ruff 0.4.1 -> 0.5.0 (ruff)", and what else changed.
Text outcome_text(const ops::ToolReport& report) {
  const auto& receipt = report.receipt;
  const auto version = receipt.version.to_string();
  Text text;
  if (report.outcome == ops::ToolOutcome::unchanged)
    append(text, receipt.name.str(), " ", version, " is installed already\n");
  else if (report.outcome == ops::ToolOutcome::installed)
    append(text, "Installed ", receipt.name.str(), " ", version, ": ", program_names(receipt), "\n");
  else if (report.old_version == version)
    append(text, "Changed ", receipt.name.str(), " ", version, ", Python ", receipt.python_version, ": ",
           program_names(receipt), "\n");
  else
    append(text, "Changed ", receipt.name.str(), " ", report.old_version.empty() ? "?" : report.old_version, " -> ",
           version, ": ", program_names(receipt), "\n");
  return text;
}

void warn(const ops::ToolReport& report, CommandContext& context) {
  for (const auto& warning : report.warnings) context.session().reporter().warning(warning);
}

void warn_of_path(const ops::ToolReport& report, CommandContext& context) {
  if (report.is_on_path || report.receipt.programs.empty()) return;
  context.session().reporter().warning(cat(quote(report.receipt.programs.front().link.parent_path().string()),
                                           " is not on PATH: `pkg tool ensure-path` adds it to your shell's profile"));
}

void tell(const ops::ToolReport& report, CommandContext& context) {
  if (context.global().json || !context.says(0)) return;
  if (!report.changes.empty()) err(changes_text(report.changes));
  err(outcome_text(report));
}

Text details(const ops::ToolReceipt& receipt, const std::filesystem::path& environment, const ToolColumns& columns) {
  Text text;
  const auto& wishes = receipt.wishes;
  if (columns.specifiers && !wishes.requirement.specifiers.empty())
    append(text, " [required: ", wishes.requirement.specifiers.to_string(), "]");
  if (columns.specifiers && !wishes.requirement.url.empty()) append(text, " [from: ", wishes.requirement.url, "]");
  if (columns.extras && !wishes.requirement.extras.empty()) {
    std::vector<std::string> extras;
    for (const auto& extra : wishes.requirement.extras) extras.push_back(extra.str());
    append(text, " [extras: ", join(extras, ", "), "]");
  }
  if (columns.with && !wishes.with.empty()) append(text, " [with: ", join(texts(wishes.with), ", "), "]");
  if (columns.python) append(text, " [Python ", receipt.python_version, "]");
  if (columns.paths) append(text, " (", environment.string(), ")");
  return text;
}

}  // namespace

Result<int> print_tool(const ops::ToolReport& report, CommandContext& context) {
  warn(report, context);
  tell(report, context);
  warn_of_path(report, context);
  if (!context.global().json) return 0;
  auto value = result_json("tool install");
  value.update(report_json(report));
  value["on_path"] = report.is_on_path;
  out_json(value);
  return 0;
}

Result<int> print_upgrades(const std::vector<ops::UpgradedTool>& upgraded, CommandContext& context) {
  auto value = result_json("tool upgrade");
  value["tools"] = json::Json::array();
  bool all_done = true;
  std::size_t unchanged = 0;
  for (const auto& tool : upgraded) {
    if (!tool.report) {
      all_done = false;
      value["tools"].push_back(
          {{"name", tool.name.str()}, {"outcome", "failed"}, {"error", error_value(tool.report.error())}});
      err(render_error(tool.report.error()));
      continue;
    }
    warn(*tool.report, context);
    value["tools"].push_back(report_json(*tool.report));
    if (tool.report->outcome == ops::ToolOutcome::unchanged)
      ++unchanged;
    else
      tell(*tool.report, context);
  }
  if (context.global().json)
    out_json(value);
  else if (context.says(0) && unchanged != 0)
    err(counted(unchanged, "tool"), unchanged == 1 ? " is" : " are", " up to date\n");
  else if (context.says(0) && upgraded.empty())
    err("No tools are installed\n");
  return all_done ? 0 : 1;
}

Result<int> print_removals(const ops::UninstallToolsReport& report, CommandContext& context) {
  auto value = result_json("tool uninstall");
  value["removed"] = json::Json::array();
  value["errors"] = json::Json::array();
  for (const auto& name : report.removed) {
    value["removed"].push_back(name.str());
    if (!context.global().json && context.says(0)) err("- ", name.str(), "\n");
  }
  for (const auto& error : report.errors) {
    value["errors"].push_back(error_value(error));
    err(render_error(error));
  }
  if (context.global().json)
    out_json(value);
  else if (context.says(0) && report.removed.empty() && report.errors.empty())
    err("No tools are installed\n");
  return report.errors.empty() ? 0 : 1;
}

Result<int> print_tools(const std::vector<ops::InstalledTool>& tools, const ToolColumns& columns,
                        CommandContext& context) {
  auto value = result_json("tool list");
  value["tools"] = json::Json::array();
  for (const auto& tool : tools) {
    json::Json entry = {{"name", tool.name.str()}};
    if (!tool.receipt) {
      entry["damaged"] = tool.receipt.error().message;
      context.session().reporter().warning(cat("the tool ", quote(tool.name.str()),
                                               " is damaged: ", tool.receipt.error().message,
                                               " (pkg tool install --force ", tool.name.str(), ")"));
    } else {
      add_receipt(entry, *tool.receipt, tool.environment);
      if (!tool.has_python)
        context.session().reporter().warning(cat("the tool ", quote(tool.name.str()), " has lost its Python, ",
                                                 quote(tool.receipt->interpreter.string()), " (pkg tool upgrade ",
                                                 tool.name.str(), ")"));
    }
    value["tools"].push_back(std::move(entry));
  }
  if (context.global().json) {
    out_json(value);
    return 0;
  }
  for (const auto& tool : tools) {
    if (!tool.receipt) continue;
    out(tool.name.str(), " ", tool.receipt->version.to_string(), details(*tool.receipt, tool.environment, columns),
        "\n");
    for (const auto& program : tool.receipt->programs) {
      if (columns.paths)
        out("- ", program.name, " (", program.link.string(), ")\n");
      else
        out("- ", program.name, "\n");
    }
  }
  if (tools.empty() && context.says(0)) err("No tools are installed\n");
  return 0;
}

Result<int> print_path(const ops::PathReport& report, bool dry_run, CommandContext& context) {
  if (context.global().json) {
    auto value = result_json("tool ensure-path");
    value["folder"] = report.folder.string();
    value["on_path"] = report.is_on_path;
    value["file"] = report.file.empty() ? json::Json(nullptr) : json::Json(report.file.string());
    value["line"] = report.line.empty() ? json::Json(nullptr) : json::Json(report.line);
    value["changed"] = report.changed;
    value["dry_run"] = dry_run;
    out_json(value);
    return 0;
  }
  if (!context.says(0)) return 0;
  if (report.is_on_path)
    err(quote(report.folder.string()), " is on PATH already\n");
  else if (report.has_line)
    err(quote(report.file.string()), " adds ", quote(report.folder.string()),
        " to PATH already: open another shell, or read the file in this one\n");
  else
    err(dry_run ? "Would add" : "Added", " this line to ", quote(report.file.string()),
        ", which a new shell reads:\n  ", report.line, "\n");
  return 0;
}

Text origin_text(const ops::ToolOrigin& origin) {
  Text text(quote(origin.name.str()));
  if (!origin.version.empty()) append(text, " ", origin.version);
  append(text, " from ", quote(origin.from));
  if (origin.packages != 0)
    append(text, ", ", counted(origin.packages, "package"));
  else
    append(text, ", which has to be built first");
  return text;
}

}  // namespace pkg::cli
