#include "ops/project/member_choice.h"

#include <doctest/doctest.h>

#include <chrono>
#include <fstream>

#include "base/text.h"
#include "ops/project/project.h"
#include "support/printers.h"
#include "support/temp_dir.h"

namespace {

using namespace pkg;

std::string told(const Error& error) {
  return error.hint.empty() ? error.message : cat(error.message, " | ", error.hint);
}

// A workspace whose root has `root` in its file, and members below m/.
struct Place {
  test::TempDir folder;
  void write(const std::string& name, const std::string& text) {
    std::filesystem::create_directories((folder / name).parent_path());
    std::ofstream(folder / name, std::ios::binary) << text;
  }
  void root(const std::string& text) {
    write("pyproject.toml", cat(text, "\n[tool.pkg.workspace]\nmembers = [\"m/*\"]\n"));
  }
  void member(const std::string& name, const std::string& more) {
    write(cat("m/", name, "/pyproject.toml"), cat("[project]\nname = \"", name, "\"\nversion = \"1\"\n", more));
  }

  // The names that are chosen; "all".
  std::string chosen(const ops::MemberOptions& options, const std::string& below = ".") {
    const auto project = ops::open_project(folder / below);
    if (!project) return told(project.error());
    const auto members = ops::choose_members(*project, options);
    if (!members) return told(members.error());
    if (!*members) return "all";
    std::vector<std::string> names;
    for (const auto i : **members) names.push_back(project->members[i].name.str());
    return join(names, " ");
  }

  // "members: requirements".
  std::string needs(const std::vector<std::string>& names, const ops::ChosenLists& lists = {}) {
    const auto project = ops::open_project(folder.path());
    if (!project) return told(project.error());
    const auto members = ops::choose_members(*project, {names, false});
    if (!members) return told(members.error());
    const auto known = ops::check_lists(*project, **members, lists);
    if (!known) return told(known.error());
    const auto found = ops::needs_of(*project, **members, lists);
    if (!found) return told(found.error());
    std::string text;
    for (const auto& [at, where] : found->members)
      append(text, project->members[at].name.str(), where.is_trivial() ? "" : cat("(", where.to_string(), ")"), " ");
    text += ":";
    for (const auto& requirement : found->requirements) append(text, " ", requirement.to_string());
    return text;
  }
};

pep::Name name(const std::string& text) { return pep::Name::from_normalized(text); }

}  // namespace

TEST_CASE("which members are meant") {
  Place place;
  place.root("[project]\nname = \"root\"\nversion = \"1\"");
  place.member("a", "");
  place.member("b-c", "");
  CHECK(place.chosen({}) == "root");
  CHECK(place.chosen({}, "m/a") == "a");
  CHECK(place.chosen({{}, true}, "m/a") == "all");
  CHECK(place.chosen({{"a"}, false, true}) == "root a");
  CHECK(place.chosen({{"a"}, false, true}, "m/b-c") == "a b-c");
  CHECK(place.chosen({{"B.C", "a", "A"}, false}) == "a b-c");
  CHECK(place.chosen({{"b-cd"}, false}).ends_with("| did you mean `b-c`?"));
  CHECK(place.chosen({{"zzzzz"}, false}).ends_with("| its members: root, a, b-c"));
  CHECK(place.chosen({{"-"}, false}).starts_with("`-` is not a valid name"));
  CHECK(place.chosen({{"a"}, true}) == "--package and --all-packages exclude each other | name members, or take all");
}

TEST_CASE("a root without [project] is all members; a project alone is itself") {
  Place place;
  place.root("");
  place.member("a", "");
  CHECK(place.chosen({}) == "all");
  CHECK(place.chosen({}, "m/a") == "a");
  CHECK(place.chosen({{"a"}, false, true}) == "all");
  place.write("alone/pyproject.toml", "[project]\nname = \"alone\"\nversion = \"1\"\n");
  CHECK(place.chosen({{"alone"}, false}, "alone") == "all");
  CHECK(place.chosen({{"a"}, false}, "alone").starts_with("`a` is no member of the workspace"));
}

TEST_CASE("what members need: their lists, and those of members that they name") {
  Place place;
  place.root(
      "[project]\nname = \"root\"\nversion = \"1\"\ndependencies = [\"r\", \"a\"]\n"
      "[dependency-groups]\ndev = [\"rdev\"]");
  place.member("a",
               "dependencies = [\"x>=1\", \"b[fast]; python_version < '3.12'\"]\noptional-dependencies.plot = [\"p\"]\n"
               "[dependency-groups]\ndev = [\"adev\", {include-group = \"more\"}]\nmore = [\"am\"]\n");
  place.member(
      "b",
      "dependencies = [\"y\", \"a\"]\noptional-dependencies.fast = [\"f\"]\noptional-dependencies.slow = [\"s\"]\n");
  place.member("c", "dependencies = [\"z\"]\n[dependency-groups]\ndev = [\"cdev\"]\n");
  CHECK(place.needs({"c"}) == "c : z");
  CHECK(place.needs({"c"}, {{}, {name("dev")}}) == "c : z cdev");
  CHECK(place.needs({"a"}) ==
        "a b(python_version < \"3.12\") : x>=1 y; python_version < \"3.12\" f; python_version < \"3.12\"");
  CHECK(place.needs({"a"}, {{name("plot")}, {name("dev")}}) ==
        "a b(python_version < \"3.12\") : x>=1 p adev am y; python_version < \"3.12\" f; python_version < \"3.12\"");
  CHECK(place.needs({"a"}, {{}, {name("more")}, true}) == ": am");
  CHECK(place.needs({"b", "c"}) == "a b c : x>=1 y f; python_version < \"3.12\" z");
  CHECK(place.needs({"root"}).starts_with("root a b(python_version < \"3.12\") : r x>=1"));
  CHECK(place.needs({"c"}, {{name("plot")}, {}}) ==
        "none of the members that are meant has the extra `plot` | a has it: --package a, or --all-packages");
  CHECK(
      place.needs({"c"}, {{}, {name("more")}}) ==
      "none of the members that are meant has the dependency group `more` | a has it: --package a, or --all-packages");
}

TEST_CASE("groups of a root without [project] are everybody's") {
  Place place;
  place.root("[dependency-groups]\ndev = [\"tool\"]");
  place.member("a", "dependencies = [\"x\"]\n");
  CHECK(place.needs({"a"}, {{}, {name("dev")}}) == " a : tool x");
}

TEST_CASE("overrides and excludes of one parent count for members") {
  Place place;
  place.root("[tool.pkg]\nexclude-dependencies = [{parent = \"a\", dependencies = [\"x\"]}]");
  place.member("a", "dependencies = [\"x\", \"y\"]\n");
  place.member("b", "dependencies = [\"x\"]\n");
  CHECK(place.needs({"a"}) == "a : y");
  CHECK(place.needs({"b"}) == "b : x");
}

TEST_CASE("a member whose dependencies only its backend knows has no part of its own") {
  Place place;
  place.root("");
  place.member("a", "dynamic = [\"dependencies\"]\n");
  place.member("b", "dependencies = [\"x\"]\n");
  CHECK(place.needs({"b"}) == "b : x");
  CHECK(place.needs({"a"}).starts_with("the dependencies of `a` are dynamic"));
}

TEST_CASE("three hundred members that all need all earlier ones are walked once") {
  Place place;
  place.root("");
  for (int i = 0; i < 300; ++i) {
    std::string list;
    for (int j = 0; j < i; ++j) append(list, "\"m", j, "\",");
    place.member(cat("m", i), cat("dependencies = [", list, " \"x", i, "\"]\n"));
  }
  const auto project = ops::open_project(place.folder.path());
  REQUIRE_OK(project);
  const auto chosen = ops::choose_members(*project, {{"m299"}, false});
  REQUIRE_OK(chosen);
  const auto start = std::chrono::steady_clock::now();
  const auto needs = ops::needs_of(*project, **chosen, {});
  REQUIRE_OK(needs);
  CHECK(needs->members.size() == 300);
  CHECK(needs->requirements.size() == 300);
  CHECK(ops::reachable_members(*project, **chosen).size() == 300);
  // A walk of each path would not end: this bound is only far from that.
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(20));
}
