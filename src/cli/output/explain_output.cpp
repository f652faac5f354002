#include "cli/output/explain_output.h"

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "cli/output/output.h"
#include "cli/output/render.h"

namespace pkg::cli {
namespace {

using ChoiceKind = ops::ChoiceExplanation::Kind;

std::string_view kind_name(ChoiceKind kind) {
  switch (kind) {
    case ChoiceKind::newest:
      return "newest";
    case ChoiceKind::prerelease:
      return "prerelease";
    case ChoiceKind::conflict:
      return "conflict";
    case ChoiceKind::preference:
      return "preference";
    case ChoiceKind::trade:
      return "trade";
    case ChoiceKind::files:
      return "files";
  }
  return {};
}

}  // namespace

Text explanation_text(const ops::ExplainReport& report) {
  Text text;
  for (const auto& answer : report.answers) {
    if (!text.empty()) append(text, "\n");
    append(text, answer.headline);
    if (!answer.marker.is_trivial()) append(text, ", where ", answer.marker.to_string());
    append(text, "\n");
    for (const auto& line : answer.lines) append(text, "  ", line, "\n");
    for (const auto line : split_lines(answer.hint))
      append(text, styled("hint:", Style::cyan, Stream::out), " ", line, "\n");
  }
  return text;
}

json::Json explanation_json(const ops::ExplainReport& report) {
  auto value = result_json("lock");
  value["explain"] = report.name.str();
  value["stale"] = report.is_stale;
  value["answers"] = json::Json::array();
  for (const auto& answer : report.answers) {
    json::Json item{{"version", answer.version.to_string()},
                    {"reason", std::string(kind_name(answer.kind))},
                    {"headline", answer.headline}};
    if (!answer.marker.is_trivial()) item["marker"] = answer.marker.to_string();
    if (answer.newest) item["newest"] = answer.newest->to_string();
    if (answer.possible) item["possible"] = answer.possible->to_string();
    item["lines"] = answer.lines;
    if (!answer.hint.empty()) item["hint"] = answer.hint;
    value["answers"].push_back(std::move(item));
  }
  return value;
}

Result<int> explain_and_print(const ops::LockOptions& options, const std::string& name, CommandContext& context) {
  PKG_TRY_ASSIGN(const auto report, ops::explain_locked(options, name, context.session()));
  if (report.is_stale)
    context.session().reporter().warning("the lock is not up to date: this is about what the project asks for now");
  if (context.global().json)
    out_json(explanation_json(report));
  else
    out(explanation_text(report));
  return 0;
}

}  // namespace pkg::cli
