#pragma once
// Tasks as people and programs read them.

#include <string>
#include <vector>

#include "cli/output/output.h"
#include "ops/run/task_steps.h"

namespace pkg::cli {

// Words as one would type them.
std::string command_text(const std::vector<std::string>& words);
Text tasks_text(const std::vector<ops::ListedTask>& tasks);
json::Json tasks_json(const std::vector<ops::ListedTask>& tasks);

}  // namespace pkg::cli
