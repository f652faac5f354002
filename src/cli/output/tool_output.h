#pragma once
// What `pkg tool` prints: text for people, JSON for programs.

#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/command_context.h"
#include "cli/output/output.h"
#include "ops/tools/install_tool.h"
#include "ops/tools/installed_tools.h"
#include "ops/tools/run_tool.h"
#include "ops/tools/shell_profile.h"

namespace pkg::cli {

// Each returns the exit code. Errors: none.
Result<int> print_tool(const ops::ToolReport& report, CommandContext& context);
// 1 where one was not upgraded.
Result<int> print_upgrades(const std::vector<ops::UpgradedTool>& upgraded, CommandContext& context);
Result<int> print_removals(const ops::UninstallToolsReport& report, CommandContext& context);

// What `pkg tool list` shows besides names and versions.
struct ToolColumns {
  bool paths = false, specifiers = false, with = false, extras = false, python = false;
};
Result<int> print_tools(const std::vector<ops::InstalledTool>& tools, const ToolColumns& columns,
                        CommandContext& context);
Result<int> print_path(const ops::PathReport& report, bool dry_run, CommandContext& context);

// "cowsay 6.1 from https://…, 1 package".
Text origin_text(const ops::ToolOrigin& origin);

}  // namespace pkg::cli
