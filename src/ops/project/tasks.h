#pragma once
// [tool.pkg.tasks]: commands of a project that have a name (`pkg run NAME`). docs/reference/project.md#tasks
//
// Tasks come with the checkout, and run only because somebody names them.

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "base/origin.h"
#include "base/result.h"
#include "base/toml.h"
#include "pep/toml_reader.h"

namespace pkg::ops {

struct Project;

struct Task {
  std::string name;
  std::vector<std::vector<std::string>> commands;  // words each; none: it only depends on others
  std::vector<std::pair<std::string, std::string>> variables;
  std::string folder;  // as written, relative to that of the pyproject.toml; empty: that one
  std::vector<std::string> depends;
  std::string help;
  Origin origin;
};

// The table `tool.pkg.tasks` of a file. bad_data with file and line: a name that is none (words of letters, digits and
// `_.:-`; not one of Python itself), a command without words or with what only a shell could do, an unknown key.
Result<std::vector<Task>> read_tasks(const toml::Value& value, const pep::TomlReader& reader);

// A task, and the member whose file has it.
struct PlacedTask {
  const Task* task = nullptr;
  std::size_t member = 0;
};

// What can be run by name where `member` is the project that is meant: its own tasks, then those of the root with other
// names. Sorted by name; valid as long as `project` is.
std::vector<PlacedTask> tasks_of(const Project& project, std::size_t member);

// `task`, with what it depends on in front: each once, and after what it depends on itself. Tasks of the root depend on
// tasks of the root. not_found: a task that is none, with the nearest name · bad_data: a circle, with its members.
Result<std::vector<PlacedTask>> task_order(const Project& project, const PlacedTask& task);

}  // namespace pkg::ops
