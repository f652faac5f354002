#include "ops/project/tasks.h"

#include <algorithm>
#include <map>

#include "base/shell_words.h"
#include "base/text.h"
#include "ops/project/project.h"
#include "ops/project/settings_table.h"

namespace pkg::ops {
namespace {

using Words = std::vector<std::string>;

constexpr std::size_t kLongestName = 100;

bool is_task_name(std::string_view name) {
  const auto is_inner = [](char c) { return is_ascii_alnum(c) || c == '_' || c == '.' || c == ':' || c == '-'; };
  return !name.empty() && name.size() <= kLongestName && (is_ascii_alnum(name.front()) || name.front() == '_') &&
         std::ranges::all_of(name, is_inner);
}

// What everybody takes for the interpreter.
bool is_name_of_python(std::string_view name) {
  return name == "python" || name == "python3" || name.starts_with("python3.");
}

bool is_variable_name(std::string_view name) {
  const auto is_inner = [](char c) { return is_ascii_alnum(c) || c == '_'; };
  return !name.empty() && !is_ascii_digit(name.front()) && std::ranges::all_of(name, is_inner);
}

// A command: text that is split into words, or the words.
Result<Words> read_command(const toml::Value& value, const std::string& what, const pep::TomlReader& reader) {
  Words words;
  if (const auto* text = value.as_string()) {
    auto split = shell_words(*text);
    if (!split) return reader.wrong(value, cat("`", what, "`: ", split.error().message)).with_hint(split.error().hint);
    words = std::move(split).value();
  } else if (value.as_array() != nullptr) {
    PKG_TRY_ASSIGN(words, reader.texts(value, what));
  } else {
    return reader.wrong_type(value, what, "a command: a string, or an array of its words");
  }
  if (words.empty() || words.front().empty())
    return reader.wrong(value, cat("`", what, "` is a command without a word"));
  const auto has_zero = [](const std::string& word) { return word.find('\0') != std::string::npos; };
  if (std::ranges::any_of(words, has_zero)) return reader.wrong(value, cat("`", what, "` has a zero byte in a word"));
  return words;
}

Status read_variables(const toml::Value& value, const std::string& what, const pep::TomlReader& reader, Task& task) {
  return each_entry(value, what, reader, [&](const toml::TableEntry& entry) -> Status {
    if (!is_variable_name(entry.first))
      return reader.wrong(entry.second, cat(quote(entry.first), " in `", what, "` is no name of a variable"));
    PKG_TRY_ASSIGN(auto text, reader.text(entry.second, cat(what, ".", entry.first)));
    if (text.find('\0') != std::string::npos)
      return reader.wrong(entry.second, cat(quote(entry.first), " in `", what, "` has a zero byte"));
    task.variables.emplace_back(entry.first, std::move(text));
    return ok_status();
  });
}

Status read_commands(const toml::Value& value, const std::string& what, const pep::TomlReader& reader, Task& task) {
  return each_item(value, what, reader, [&](const toml::Value& item) -> Status {
    PKG_TRY_ASSIGN(auto command, read_command(item, what, reader));
    task.commands.push_back(std::move(command));
    return ok_status();
  });
}

Status read_task_key(const toml::TableEntry& entry, const std::string& what, const pep::TomlReader& reader,
                     Task& task) {
  static const std::vector<std::string> kKnown{"cmd", "cmds", "env", "cwd", "depends", "help"};
  const auto& [key, value] = entry;
  const auto whole = cat(what, ".", key);
  if (key == "cmd") {
    PKG_TRY_ASSIGN(auto command, read_command(value, whole, reader));
    task.commands.push_back(std::move(command));
    return ok_status();
  }
  if (key == "cmds") return read_commands(value, whole, reader, task);
  if (key == "env") return read_variables(value, whole, reader, task);
  if (key == "cwd") {
    PKG_TRY_ASSIGN(task.folder, reader.text(value, whole));
    return ok_status();
  }
  if (key == "depends") {
    PKG_TRY_ASSIGN(task.depends, reader.texts(value, whole));
    return ok_status();
  }
  if (key == "help") {
    PKG_TRY_ASSIGN(task.help, reader.text(value, whole));
    return ok_status();
  }
  return unknown_key(reader, entry, cat("[", what, "]"), kKnown);
}

Result<Task> read_task(const toml::TableEntry& entry, const pep::TomlReader& reader) {
  const auto& [name, value] = entry;
  Task task{.name = name, .origin = reader.origin(value)};
  if (!is_task_name(name))
    return reader.wrong(value, cat(quote(name), " is no name of a task: expected letters, digits and `_.:-`"));
  if (is_name_of_python(name))
    return reader.wrong(value, cat("a task cannot be called ", quote(name), ": that is the interpreter"));
  const auto what = cat("tool.pkg.tasks.", name);
  if (value.as_table() == nullptr) {
    PKG_TRY_ASSIGN(auto command, read_command(value, what, reader));
    task.commands.push_back(std::move(command));
    return task;
  }
  PKG_TRY(each_entry(value, what, reader,
                     [&](const toml::TableEntry& inner) { return read_task_key(inner, what, reader, task); }));
  if (value.get("cmd") != nullptr && value.get("cmds") != nullptr)
    return reader.wrong(value, cat("`", what, "` has both `cmd` and `cmds`"));
  if (task.commands.empty() && task.depends.empty())
    return reader.wrong(value, cat("`", what, "` does nothing: it has neither `cmd`, `cmds` nor `depends`"));
  return task;
}

Error unknown_task(const Project& project, const PlacedTask& asker, const std::string& name) {
  std::vector<std::string> known;
  for (const auto& one : tasks_of(project, asker.member)) known.push_back(one.task->name);
  const auto close = nearest(name, known);
  return make_error(
             ErrorKind::not_found,
             cat("the task ", quote(asker.task->name), " depends on ", quote(name), ", and there is no such task"),
             close ? cat("did you mean ", quote(*close), "?") : std::string())
      .with(cat("at ", asker.task->origin.to_string()));
}

// A walk in depth, without recursion: a checkout says how long the chains are.
class TaskWalk {
 public:
  explicit TaskWalk(const Project& project) : project_(project) {}

  Result<std::vector<PlacedTask>> run(const PlacedTask& task) {
    enter(task);
    while (!open_.empty()) {
      auto& [at, next] = open_.back();
      if (next == at.task->depends.size()) {
        order_.push_back(at);
        state_[at.task] = State::done;
        open_.pop_back();
        continue;
      }
      const auto asker = at;
      const auto& name = at.task->depends[next++];
      const auto* found = find(asker.member, name);
      if (found == nullptr) return unknown_task(project_, asker, name);
      const auto known = state_.find(found->task);
      if (known == state_.end())
        enter(*found);
      else if (known->second == State::open)
        return circle(*found);
    }
    return std::move(order_);
  }

 private:
  enum class State { open, done };

  // What a task of `member` may name.
  const PlacedTask* find(std::size_t member, const std::string& name) {
    const auto [known, is_new] = tasks_.try_emplace(member);
    if (is_new) known->second = tasks_of(project_, member);
    const auto name_of = [](const PlacedTask& one) -> const std::string& { return one.task->name; };
    const auto found = std::ranges::lower_bound(known->second, name, {}, name_of);
    return found != known->second.end() && found->task->name == name ? &*found : nullptr;
  }

  void enter(const PlacedTask& task) {
    state_[task.task] = State::open;
    open_.emplace_back(task, 0);
  }

  Error circle(const PlacedTask& back) const {
    std::string path;
    bool is_in = false;
    for (const auto& [one, next] : open_) {
      is_in = is_in || one.task == back.task;
      if (is_in) append(path, one.task->name, " → ");
    }
    return make_error(ErrorKind::bad_data, cat("tasks depend on each other in a circle: ", path, back.task->name))
        .with(cat("at ", back.task->origin.to_string()));
  }

  const Project& project_;
  std::map<std::size_t, std::vector<PlacedTask>> tasks_;  // by member
  std::map<const Task*, State> state_;
  std::vector<std::pair<PlacedTask, std::size_t>> open_;  // the way here, and which dependency comes next
  std::vector<PlacedTask> order_;
};

}  // namespace

Result<std::vector<Task>> read_tasks(const toml::Value& value, const pep::TomlReader& reader) {
  std::vector<Task> tasks;
  PKG_TRY(each_entry(value, "tool.pkg.tasks", reader, [&](const toml::TableEntry& entry) -> Status {
    PKG_TRY_ASSIGN(auto task, read_task(entry, reader));
    tasks.push_back(std::move(task));
    return ok_status();
  }));
  return tasks;
}

std::vector<PlacedTask> tasks_of(const Project& project, std::size_t member) {
  std::map<std::string_view, PlacedTask> by_name;
  for (const auto at : {member, std::size_t{0}})
    for (const auto& task : project.members[at].tasks) by_name.try_emplace(task.name, PlacedTask{&task, at});
  std::vector<PlacedTask> found;
  for (const auto& [name, task] : by_name) found.push_back(task);
  return found;
}

Result<std::vector<PlacedTask>> task_order(const Project& project, const PlacedTask& task) {
  return TaskWalk(project).run(task);
}

}  // namespace pkg::ops
