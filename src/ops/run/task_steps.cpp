// Every `pkg run` asks whether its command is a task, and most projects have none: a pyproject.toml is only parsed for
// this where its text, or that of a workspace's root above it, has the words.
#include "ops/run/task_steps.h"

#include <algorithm>
#include <utility>

#include "base/fs.h"
#include "base/limits.h"
#include "base/text.h"
#include "ops/project/project.h"
#include "ops/project/tasks.h"

namespace pkg::ops {
namespace {

namespace stdfs = std::filesystem;

// `name`: of a task; empty: any.
bool may_have_tasks(const stdfs::path& start, const std::string& name) {
  bool is_nearest = true;
  for (auto folder = start;; folder = folder.parent_path()) {
    if (has_project_file(folder)) {
      const auto text = fs::read_file_at_most(folder / "pyproject.toml", limits::kText);
      const bool counts = !text || is_nearest || text->find("workspace") != std::string::npos;
      const auto has = [&](const std::string& word) { return !text || text->find(word) != std::string::npos; };
      if (counts && has("tasks") && has(name)) return true;
      is_nearest = false;
    }
    if (folder == folder.parent_path() || folder.empty()) return false;
  }
}

// nullopt: there is no project.
Result<std::optional<Project>> project_with_tasks(const std::string& name, const Session& session) {
  if (!may_have_tasks(session.working_folder(), name)) return std::optional<Project>();
  auto project = open_project(session.working_folder());
  if (project) return std::optional(std::move(project).value());
  if (project.error().kind == ErrorKind::not_found) return std::optional<Project>();
  return std::move(project).error();
}

// Whose tasks come before the root's: of the one member that is named, else of the one whose folder this is.
Result<std::size_t> member_meant(const Project& project, const MemberOptions& members) {
  PKG_TRY_ASSIGN(const auto chosen, choose_members(project, members));
  return chosen && chosen->size() == 1 ? chosen->front() : project.current;
}

Status add_steps(const Project& project, const PlacedTask& placed, std::vector<RunStep>& steps) {
  const auto& task = *placed.task;
  const auto& member = project.members[placed.member];
  auto folder = task.folder.empty() ? member.folder : (member.folder / task.folder).lexically_normal();
  if (!folder.has_filename()) folder = folder.parent_path();
  if (!fs::is_directory(folder))
    return make_error(ErrorKind::not_found,
                      cat("the task ", quote(task.name), " works in ", quote(folder.string()), ", which is no folder"))
        .with(cat("at ", task.origin.to_string()));
  for (const auto& words : task.commands) {
    const bool is_file = words.front().ends_with(".py") && fs::exists(folder / words.front());
    RunStep step{is_file ? RunStep::Kind::file : RunStep::Kind::program, words};
    for (const auto& [name, value] : task.variables) step.variables.emplace_back(name, value);
    step.folder = folder;
    step.task = task.name;
    steps.push_back(std::move(step));
  }
  return ok_status();
}

}  // namespace

Result<std::vector<RunStep>> task_steps(const RunOptions& options, const Session& session) {
  std::vector<RunStep> steps;
  const auto& name = options.command.front();
  if (options.no_project || name.find('/') != std::string::npos) return steps;
  PKG_TRY_ASSIGN(const auto project, project_with_tasks(name, session));
  if (!project) return steps;
  PKG_TRY_ASSIGN(const auto member, member_meant(*project, options.sync.members));
  const auto tasks = tasks_of(*project, member);
  const auto named = std::ranges::find(tasks, name, [](const PlacedTask& one) { return one.task->name; });
  if (named == tasks.end()) return steps;
  const bool has_arguments = options.command.size() > 1;
  if (has_arguments && named->task->commands.empty())
    return make_error(ErrorKind::usage, cat("the task ", quote(name), " has no command that could take arguments"),
                      "it only depends on other tasks");
  PKG_TRY_ASSIGN(const auto order, task_order(*project, *named));
  for (const auto& one : order) PKG_TRY(add_steps(*project, one, steps));
  if (steps.empty()) return make_error(ErrorKind::usage, cat("the task ", quote(name), " comes to no command"));
  auto& words = steps.back().words;
  words.insert(words.end(), options.command.begin() + 1, options.command.end());
  return steps;
}

Result<std::vector<ListedTask>> list_tasks(const MemberOptions& members, const Session& session) {
  std::vector<ListedTask> listed;
  PKG_TRY_ASSIGN(const auto project, project_with_tasks({}, session));
  if (!project) return listed;
  PKG_TRY_ASSIGN(const auto member, member_meant(*project, members));
  for (const auto& [task, at] : tasks_of(*project, member))
    listed.push_back({task->name, task->help, task->commands, task->depends, project->members[at].file_name});
  return listed;
}

}  // namespace pkg::ops
