#pragma once
// A task of the project, by its name, as steps of `pkg run`; and what tasks there are.

#include <string>
#include <vector>

#include "base/result.h"
#include "ops/run/run.h"
#include "ops/session/session.h"

namespace pkg::ops {

// Empty: the command is no task of the project's. A task wins over a program of its name. The arguments go to the last
// command. usage: arguments, and the task has no command of its own · not_found: a folder that is none. Others: those
// of open_project(), choose_members() and task_order().
Result<std::vector<RunStep>> task_steps(const RunOptions& options, const Session& session);

struct ListedTask {
  std::string name, help;
  std::vector<std::vector<std::string>> commands;
  std::vector<std::string> depends;
  std::string file;  // that has it, as messages call it
};
// By name; none where there is no project. Errors: those of open_project() and choose_members().
Result<std::vector<ListedTask>> list_tasks(const MemberOptions& members, const Session& session);

}  // namespace pkg::ops
