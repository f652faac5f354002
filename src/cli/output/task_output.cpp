#include "cli/output/task_output.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace pkg::cli {
namespace {

std::string typed(const std::string& word) {
  const auto is_plain = [](char c) {
    return is_ascii_alnum(c) || std::string_view("_-./:=,@%+").find(c) != std::string_view::npos;
  };
  if (!word.empty() && std::ranges::all_of(word, is_plain)) return word;
  return cat("'", replace_all(word, "'", "'\\''"), "'");
}

// Its help, else what it does.
std::string described(const ops::ListedTask& task) {
  if (!task.help.empty()) return task.help;
  std::vector<std::string> parts;
  if (!task.depends.empty()) parts.push_back(cat("(", join(task.depends, ", "), ")"));
  for (const auto& words : task.commands) parts.push_back(command_text(words));
  return join(parts, "; ");
}

}  // namespace

std::string command_text(const std::vector<std::string>& words) {
  std::vector<std::string> shown;
  for (const auto& word : words) shown.push_back(typed(word));
  return join(shown, " ");
}

Text tasks_text(const std::vector<ops::ListedTask>& tasks) {
  std::size_t width = 0;
  for (const auto& task : tasks) width = std::max(width, task.name.size());
  Text text;
  for (const auto& task : tasks)
    text.append(task.name, std::string(width - task.name.size() + 2, ' '), described(task), "\n");
  return text;
}

json::Json tasks_json(const std::vector<ops::ListedTask>& tasks) {
  auto list = json::Json::array();
  for (const auto& task : tasks) {
    json::Json one{{"name", task.name}, {"commands", task.commands}, {"depends", task.depends}, {"file", task.file}};
    if (!task.help.empty()) one["help"] = task.help;
    list.push_back(std::move(one));
  }
  return list;
}

}  // namespace pkg::cli
