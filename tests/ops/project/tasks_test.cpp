#include "ops/project/tasks.h"

#include <doctest/doctest.h>

#include <fstream>

#include "base/text.h"
#include "ops/project/project.h"
#include "support/printers.h"
#include "support/temp_dir.h"

namespace {

using namespace pkg;

std::string told(const Error& error) {
  std::string text = error.message;
  for (const auto& line : error.context) append(text, " | ", line);
  return error.hint.empty() ? text : cat(text, " | hint: ", error.hint);
}

struct Place {
  test::TempDir folder;
  Place& file(const std::string& name, const std::string& text) {
    std::filesystem::create_directories((folder / name).parent_path());
    std::ofstream(folder / name, std::ios::binary) << text;
    return *this;
  }
  Place& tasks(const std::string& text) {
    return file("pyproject.toml", cat("[project]\nname = \"work\"\nversion = \"1\"\n[tool.pkg.tasks]\n", text));
  }
  Result<ops::Project> open(const std::string& below = ".") { return ops::open_project(folder / below); }
  // The names in the order in which they run.
  std::string order(const std::string& name, const std::string& below = ".") {
    const auto project = open(below);
    if (!project) return told(project.error());
    for (const auto& task : ops::tasks_of(*project, project->current)) {
      if (task.task->name != name) continue;
      const auto order = ops::task_order(*project, task);
      if (!order) return told(order.error());
      std::string names;
      for (const auto& one : *order)
        append(names, names.empty() ? "" : " ", project->members[one.member].file_name, ":", one.task->name);
      return names;
    }
    return "none";
  }
};

std::string fault(const std::string& text) {
  Place place;
  const auto project = place.tasks(text).open();
  return project.ok() ? "no error" : project.error().message;
}

}  // namespace

TEST_CASE("a task is text, words, or a table") {
  Place place;
  place.tasks(
      "text = \"pytest -x 'a b'\"\n"
      "words = [\"ruff\", \"check\", \"$HOME | x\"]\n"
      "table = {cmd = \"serve\", env = {PORT = \"80\", HOST = \"\"}, cwd = \"site\", depends = [\"text\"], help = "
      "\"h\"}\n"
      "several = {cmds = [\"a b\", [\"c d\"]]}\n"
      "group = {depends = [\"text\", \"words\"]}\n");
  const auto project = place.open();
  REQUIRE_OK(project);
  const auto tasks = ops::tasks_of(*project, 0);
  REQUIRE(tasks.size() == 5);
  std::string shown;
  for (const auto& [task, member] : tasks) {
    append(shown, task->name, ":");
    for (const auto& words : task->commands) append(shown, " <", join(words, "|"), ">");
    for (const auto& [name, value] : task->variables) append(shown, " ", name, "=", value);
    append(shown, task->folder.empty() ? "" : " in ", task->folder, task->depends.empty() ? "" : " after ",
           join(task->depends, ","), "\n");
  }
  CHECK(shown ==
        "group: after text,words\n"
        "several: <a|b> <c d>\n"
        "table: <serve> PORT=80 HOST= in site after text\n"
        "text: <pytest|-x|a b>\n"
        "words: <ruff|check|$HOME | x>\n");
}

TEST_CASE("what is no task is an error with file and line") {
  Place place;
  CHECK(told(place.tasks("a = 1").open().error()).find(" | at pyproject.toml:5") != std::string::npos);
  CHECK(fault("a = 1") == "`tool.pkg.tasks.a` is an integer, not a command: a string, or an array of its words");
  CHECK(fault("a = \"\"") == "`tool.pkg.tasks.a` is a command without a word");
  CHECK(fault("a = []") == "`tool.pkg.tasks.a` is a command without a word");
  CHECK(fault("a = \"x && y\"") == "`tool.pkg.tasks.a`: `&` is for a shell");
  CHECK(fault("\"a b\" = \"x\"") == "`a b` is no name of a task: expected letters, digits and `_.:-`");
  CHECK(fault("-a = \"x\"").find("is no name of a task") != std::string::npos);
  CHECK(fault("python = \"x\"") == "a task cannot be called `python`: that is the interpreter");
  CHECK(fault("\"python3.12\" = \"x\"").find("that is the interpreter") != std::string::npos);
  CHECK(fault("a = {cmd = \"x\", cmds = [\"y\"]}") == "`tool.pkg.tasks.a` has both `cmd` and `cmds`");
  CHECK(fault("a = {help = \"x\"}") == "`tool.pkg.tasks.a` does nothing: it has neither `cmd`, `cmds` nor `depends`");
  CHECK(fault("a = {cmd = \"x\", evn = {}}").find("`evn`") != std::string::npos);
  CHECK(fault("a = {cmd = \"x\", env = {\"A-B\" = \"1\"}}") ==
        "`A-B` in `tool.pkg.tasks.a.env` is no name of a variable");
  CHECK(fault("a = {cmd = [\"x\", \"a\\u0000b\"]}") == "`tool.pkg.tasks.a.cmd` has a zero byte in a word");
}

TEST_CASE("what a task depends on runs before it, each once") {
  Place place;
  place.tasks(
      "a = {cmd = \"a\", depends = [\"b\", \"c\"]}\n"
      "b = {cmd = \"b\", depends = [\"d\"]}\n"
      "c = {cmd = \"c\", depends = [\"d\", \"d\"]}\n"
      "d = \"d\"\n"
      "lost = {cmd = \"x\", depends = [\"bb\"]}\n"
      "x = {cmd = \"x\", depends = [\"y\"]}\n"
      "y = {cmd = \"y\", depends = [\"z\"]}\n"
      "z = {cmd = \"z\", depends = [\"y\"]}\n"
      "self = {depends = [\"self\"]}\n");
  CHECK(place.order("a") == "pyproject.toml:d pyproject.toml:b pyproject.toml:c pyproject.toml:a");
  CHECK(place.order("d") == "pyproject.toml:d");
  CHECK(place.order("lost").starts_with("the task `lost` depends on `bb`, and there is no such task"));
  CHECK(place.order("x").starts_with("tasks depend on each other in a circle: y → z → y"));
  CHECK(place.order("self").starts_with("tasks depend on each other in a circle: self → self"));
}

TEST_CASE("a chain of very many tasks is walked without recursion") {
  std::string text;
  for (int i = 0; i < 20'000; ++i) append(text, "t", i, " = {depends = [\"t", i + 1, "\"]}\n");
  text += "t20000 = \"x\"\n";
  Place place;
  const auto order = place.tasks(text).order("t0");
  CHECK(order.starts_with("pyproject.toml:t20000 "));
  CHECK(order.ends_with(" pyproject.toml:t0"));
}

TEST_CASE("a member's tasks come before the root's, and the root's stay with the root") {
  Place place;
  place
      .file("pyproject.toml",
            "[project]\nname = \"root\"\nversion = \"1\"\n[tool.pkg.workspace]\nmembers = [\"m\"]\n[tool.pkg.tasks]\n"
            "build = \"root-build\"\nall = {depends = [\"build\"]}\n")
      .file("m/pyproject.toml",
            "[project]\nname = \"m\"\nversion = \"1\"\n[tool.pkg.tasks]\n"
            "build = \"m-build\"\nboth = {depends = [\"build\", \"all\"]}\n");
  CHECK(place.order("build", "m") == "m/pyproject.toml:build");
  CHECK(place.order("all", "m") == "pyproject.toml:build pyproject.toml:all");
  CHECK(place.order("both", "m") ==
        "m/pyproject.toml:build pyproject.toml:build pyproject.toml:all m/pyproject.toml:both");
  CHECK(place.order("both") == "none");
  CHECK(place.order("build") == "pyproject.toml:build");
}
