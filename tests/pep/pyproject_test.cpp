#include "pep/pyproject.h"

#include <algorithm>
#include <chrono>
#include <string>

#include "support/printers.h"

namespace pkg::pep {

namespace {

Pyproject pyproject(std::string_view text) {
  const auto parsed = Pyproject::parse(text, "pyproject.toml");
  REQUIRE_OK(parsed);
  return *parsed;
}

Error failure(std::string_view text) {
  const auto parsed = Pyproject::parse(text, "pyproject.toml");
  REQUIRE(!parsed.ok());
  return parsed.error();
}

std::string group(std::string_view text, const std::vector<std::string>& names) {
  std::string out;
  for (const auto& name : names) {
    const auto found = dependency_group(pyproject(text), name, "pyproject.toml");
    if (!found) return found.error().message;
    for (const Requirement& requirement : found->requirements) out += requirement.to_string() + " ";
  }
  return out;
}

constexpr std::string_view kProject = R"(
[build-system]
requires = ["hatchling>=1.20", "wheel"]
build-backend = "hatchling.build"
backend-path = ["."]

[project]
name = "My.App"
version = "1.2"
requires-python = ">=3.9"
dependencies = [
  "numpy>=1.25",
  "rich ; os_name == 'nt'",
]
dynamic = ["readme"]

[project.optional-dependencies]
Test_Suite = ["pytest"]

[tool.other]
key = 1
)";

}  // namespace

namespace {

std::string chain_of(std::size_t groups) {
  std::string text = "[dependency-groups]\n";
  for (std::size_t i = 0; i < groups; ++i)
    text += "g" + std::to_string(i) + " = [{include-group = \"g" + std::to_string(i + 1) + "\"}]\n";
  return text + "g" + std::to_string(groups) + " = [\"x\"]\n";
}

double seconds_for(std::size_t groups) {
  const auto file = pyproject(chain_of(groups));
  const auto begin = std::chrono::steady_clock::now();
  const auto all = all_dependency_groups(file, "pyproject.toml");
  REQUIRE_OK(all);
  REQUIRE(all->size() == groups + 1);
  for (const auto& one : *all) REQUIRE(one.requirements.size() == 1);
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

TEST_CASE("a chain of groups costs its length, and groups that double are refused") {
  const double few = std::min(seconds_for(1000), seconds_for(1000));
  const double many = std::min(seconds_for(8000), seconds_for(8000));
  CHECK(many < 8 * 4 * few + 0.05);  // by the square it would be 64 times
  std::string doubling = "[dependency-groups]\n";
  for (int i = 0; i < 40; ++i) {
    const auto next = "{include-group = \"g" + std::to_string(i + 1) + "\"}";
    doubling += "g" + std::to_string(i) + " = [" + next + ", " + next + "]\n";
  }
  CHECK(group(doubling + "g40 = [\"x\"]\n", {"g0"}).find("more than 100000 requirements in dependency groups") !=
        std::string::npos);
}

TEST_CASE("the tables of pyproject.toml are read, each dependency with its line") {
  const Pyproject file = pyproject(kProject);
  REQUIRE(file.build_system);
  CHECK(file.build_system->requires_.size() == 2);
  CHECK(file.build_system->build_backend == "hatchling.build");
  CHECK(file.build_system->backend_path == std::vector<std::string>{"."});
  REQUIRE(file.project);
  CHECK(file.project->name.str() == "my-app");
  CHECK(file.project->version == "1.2");
  CHECK(file.project->requires_python.to_string() == ">=3.9");
  REQUIRE(file.project->dependencies.size() == 2);
  CHECK(file.project->dependencies[0].origin.to_string() == "pyproject.toml:12");
  CHECK(file.project->dependencies[1].origin.line == 13);
  REQUIRE(file.project->optional_dependencies.size() == 1);
  CHECK(file.project->optional_dependencies[0].first.str() == "test-suite");
  CHECK(file.project->dynamic == std::vector<std::string>{"readme"});
  CHECK(file.root.get("tool") != nullptr);
}

TEST_CASE("a pyproject.toml may lack every table") {
  const Pyproject file = pyproject("[tool.x]\n");
  CHECK(!file.build_system);
  CHECK(!file.project);
}

TEST_CASE("a malformed table is refused with its place") {
  CHECK(failure("[project]\nversion = '1'\n").message == "`project` lacks `name`");
  CHECK(failure("[build-system]\n").message == "`build-system` lacks `requires`");
  CHECK(failure("[project]\nname = 5\n").message == "`project.name` is an integer, not a string");
  CHECK(failure("[project]\nname = 5\n").context.front() == "at pyproject.toml:2");
  CHECK(failure("[project]\nname = 'a'\ndependencies = 'x'\n").message ==
        "`project.dependencies` is a string, not an array of requirements");
  const Error broken = failure("[project]\nname = 'a'\ndependencies = [\n 'b=1',\n]\n");
  CHECK(broken.message == "`b=1` is not a requirement: `=` is not a version comparison");
  CHECK(broken.context.back() == "in project.dependencies at pyproject.toml:4");
  CHECK(!Pyproject::parse("[project]\nname = 'a'\n[project.optional-dependencies]\n'a-b' = []\n'a_b' = []\n",
                          "pyproject.toml")
             .ok());
}

TEST_CASE("dependency groups include one another in place, doubles kept") {
  const char* text = R"(
[dependency-groups]
test = ["pytest", {include-group = "Base_Set"}, "coverage"]
base-set = ["attrs"]
all = [{include-group = "test"}, {include-group = "base-set"}]
)";
  CHECK(group(text, {"test"}) == "pytest attrs coverage ");
  CHECK(group(text, {"ALL"}) == "pytest attrs coverage attrs ");
  CHECK(group(text, {"base.set", "test"}) == "attrs pytest attrs coverage ");
}

TEST_CASE("keys of [project] that no standard knows are told with the nearest one") {
  const auto parsed = pyproject(
      "[project]\nname = 'a'\ndependancies = []\nlicense-files = []\nimport-names = []\nown = 1\n"
      "[project.urls]\nAnything = 'x'\n[tool.x]\nname = 1\n");
  CHECK(parsed.project->unknown_keys ==
        std::vector<std::string>{
            "pyproject.toml:3: [project] has no key `dependancies`, which is ignored: did you mean `dependencies`?",
            "pyproject.toml:6: [project] has no key `own`, which is ignored"});
}

TEST_CASE("broken dependency groups say what is wrong, and only when they are asked for") {
  const char* text = R"(
[dependency-groups]
good = ["a"]
circle = [{include-group = "round"}]
round = ["x", {include-group = "circle"}]
unknown = [{include-group = "goood"}]
shape = [{include-group = "good", more = 1}]
number = [5]
text = "a"
)";
  CHECK(group(text, {"good"}) == "a ");
  CHECK(group(text, {"circle"}) == "dependency groups include each other in a circle: circle -> round -> circle");
  CHECK(group(text, {"unknown"}) == "there is no dependency group `goood`");
  CHECK(group(text, {"shape"}).find("and nothing else") != std::string::npos);
  CHECK(group(text, {"number"}).find("is an integer, not a requirement") != std::string::npos);
  CHECK(group(text, {"text"}) == "`dependency-groups.text` is a string, not an array");
  CHECK(group("[dependency-groups]\na-b = []\nA_B = []\n", {"a-b"}) == "the groups `a-b` and `A_B` have the same name");
  const auto missing = dependency_group(pyproject(text), "godo", "pyproject.toml");
  CHECK(missing.error().hint == "did you mean `good`?");
}

TEST_CASE("a group is for the Pythons that all groups in it are for") {
  const auto file = pyproject(
      "[dependency-groups]\nall = [{include-group = 'docs'}, {include-group = 'test'}]\ndocs = []\n"
      "test = [{include-group = 'base'}]\nbase = []\n");
  const auto set = [](std::string_view text) { return SpecifierSet::parse(text).value(); };
  const auto name = [](std::string_view text) { return Name::parse(text).value(); };
  const GroupPythons pythons{{name("docs"), set(">=3.12")}, {name("base"), set("<3.14")}, {name("nowhere"), set("<3")}};
  const auto groups = all_dependency_groups(file, "pyproject.toml", pythons);
  REQUIRE_OK(groups);
  std::vector<std::string> texts;
  for (const auto& group : *groups) texts.push_back(group.name.str() + " " + group.pythons.to_string());
  CHECK(texts == std::vector<std::string>{"all <3.14,>=3.12", "docs >=3.12", "test <3.14", "base <3.14"});
  CHECK(dependency_group(file, "Test", "pyproject.toml", pythons)->pythons == set("<3.14"));
}

TEST_CASE("groups that would grow without end are stopped") {
  std::string text = "[dependency-groups]\ng0 = ['a', 'a']\n";
  for (int i = 1; i < 40; ++i) {
    const std::string before = "{include-group = 'g" + std::to_string(i - 1) + "'}";
    text += "g" + std::to_string(i) + " = [" + before + ", " + before + "]\n";
  }
  CHECK(group(text, {"g39"}) == "more than 100000 requirements in dependency groups");
}

}  // namespace pkg::pep
