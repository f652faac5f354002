#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/command_setup.h"
#include "cli/options/options.h"
#include "cli/output/output.h"
#include "cli/output/render.h"
#include "ops/inspect/workspace.h"

namespace pkg::cli {
namespace {

json::Json requirements_json(const ops::WorkspaceMember& member) {
  auto list = json::Json::array();
  for (const auto& requirement : member.requires_)
    list.push_back({{"name", requirement.name}, {"list", requirement.list}, {"requirement", requirement.requirement}});
  return list;
}

json::Json member_json(const ops::WorkspaceMember& member) {
  json::Json value{{"name", member.name},
                   {"path", member.folder.string()},
                   {"version", member.version.empty() ? json::Json() : json::Json(member.version)}};
  if (!member.version_source.empty()) value["dynamic_version"] = member.version_source;
  if (!member.requires_python.empty()) value["requires_python"] = member.requires_python;
  value["package"] = member.is_package;
  value["extras"] = member.extras;
  value["groups"] = member.groups;
  value["requires"] = requirements_json(member);
  return value;
}

json::Json metadata_json(const ops::WorkspaceReport& report) {
  auto value = result_json("workspace metadata");
  value["root"] = report.root.string();
  value["lock"] = report.lock.string();
  value["has_lock"] = report.has_lock;
  value["environment"] = report.environment.string();
  if (!report.current.empty()) value["current"] = report.current;
  if (!report.groups.empty()) value["groups"] = report.groups;
  value["members"] = json::Json::array();
  for (const auto& member : report.members) value["members"].push_back(member_json(member));
  return value;
}

Text metadata_text(const ops::WorkspaceReport& report) {
  Text text("Root         ", report.root.string(), "\n");
  append(text, "Lock         ", report.lock.string(), report.has_lock ? "" : " (not there yet)", "\n");
  append(text, "Environment  ", report.environment.string(), "\n");
  if (!report.groups.empty()) append(text, "Groups       ", join(report.groups, ", "), "\n");
  append(text, "\n");
  std::vector<std::vector<std::string>> rows{{"Member", "Version", "Requires", "Groups", "Folder"}};
  for (const auto& member : report.members) {
    std::vector<std::string> required;
    for (const auto& requirement : member.requires_)
      if (required.empty() || required.back() != requirement.name) required.push_back(requirement.name);
    rows.push_back({member.name, member.version.empty() ? "dynamic" : member.version, join(required, ", "),
                    join(member.groups, ", "), member.relative});
  }
  append(text, table(rows));
  return text;
}

void list_members(const ops::WorkspaceReport& report, bool paths, bool is_json) {
  if (!is_json) {
    for (const auto& member : report.members) out(paths ? member.folder.string() : member.name, "\n");
    return;
  }
  auto value = result_json("workspace list");
  value["root"] = report.root.string();
  value["members"] = json::Json::array();
  for (const auto& member : report.members)
    value["members"].push_back({{"name", member.name}, {"path", member.folder.string()}});
  out_json(value);
}

void print_folder(const std::filesystem::path& folder, bool is_json) {
  if (!is_json) {
    out(folder.string(), "\n");
    return;
  }
  auto value = result_json("workspace dir");
  value["path"] = folder.string();
  out_json(value);
}

}  // namespace

Result<int> workspace_command(const Invocation& invocation) {
  std::string action, package;
  bool paths = false;
  PKG_TRY_ASSIGN(auto setup,
                 CommandSetup::begin(invocation,
                                     "List the members of the workspace around the working folder, print the folder of "
                                     "its root or of a member, or describe it.",
                                     "pkg workspace list --paths"));
  auto& parser = setup.parser();
  parser.positional("list|dir|metadata", action, "What to do", true);
  parser.flag("--paths", paths, "List folders in place of names");
  parser.text("--package", package, "Print the folder of this member", "NAME");
  PKG_TRY_ASSIGN(auto context, setup.finish(Asks::no_index));
  if (!context) return 0;
  if (action != "list" && action != "dir" && action != "metadata")
    return make_error(ErrorKind::usage, cat("`pkg workspace` has no action ", quote(action)), "list, dir or metadata");
  if ((paths && action != "list") || (!package.empty() && action != "dir"))
    return make_error(ErrorKind::usage, "--paths is of `pkg workspace list`, --package of `pkg workspace dir`");
  const bool is_json = context->global().json;
  if (action == "dir") {
    PKG_TRY_ASSIGN(const auto folder, ops::workspace_folder(package, context->session()));
    print_folder(folder, is_json);
    return 0;
  }
  PKG_TRY_ASSIGN(const auto report, ops::workspace(context->session()));
  if (action == "list")
    list_members(report, paths, is_json);
  else if (is_json)
    out_json(metadata_json(report));
  else
    out(metadata_text(report));
  return 0;
}

}  // namespace pkg::cli
