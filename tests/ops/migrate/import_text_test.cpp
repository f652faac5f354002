#include "ops/migrate/import_text.h"

#include <doctest/doctest.h>

#include "ops/migrate/import_kit.h"
#include "support/printers.h"

namespace {

using namespace pkg;

std::vector<pep::Requirement> requirements(std::initializer_list<const char*> texts) {
  std::vector<pep::Requirement> list;
  for (const auto* text : texts) list.push_back(pep::Requirement::parse(text).value());
  return list;
}

ops::ImportedProject project(std::initializer_list<const char*> dependencies = {}) {
  ops::ImportedProject made;
  made.tool = "Pipenv";
  made.manifest = "Pipfile";
  made.dependencies = requirements(dependencies);
  return made;
}

}  // namespace

TEST_CASE("what is there stays byte for byte, and what is missing is put beside it") {
  auto imported = project({"a>=1"});
  imported.metadata = {{"version", "\"2\""}, {"requires-python", "\">=3.9\""}};
  imported.groups.push_back({"dev", requirements({"b"}), {}});
  imported.settings = {{"prerelease", "\"allow\""}};
  const std::string old =
      "# mine\n[project]\nname = \"work\"   # mine\nversion = \"1\"\n\n[tool.pkg]  # here\nenvironment = \"env\"\n"
      "[tool.other]\nx = 1\n";
  CHECK(test::written(imported, old) ==
        "# mine\n[project]\nname = \"work\"   # mine\nversion = \"1\"\nrequires-python = \">=3.9\"\ndependencies = [\n"
        "    \"a>=1\",\n]\n\n[dependency-groups]\ndev = [\n    \"b\",\n]\n\n[tool.pkg]  # here\nenvironment = \"env\"\n"
        "prerelease = \"allow\"\n[tool.other]\nx = 1\n");
  CHECK(test::notes(imported, old) ==
        "pyproject.toml:4: `project.version` stays as it is, and is not what `Pipfile` says\n");
}

TEST_CASE("a list that is there with other requirements is never lost") {
  const std::string old =
      "[project]\nname = \"work\"\nversion = \"1\"\ndependencies = [\"x\"]\n"
      "[dependency-groups]\ndev = [\"y\"]\n";
  CHECK(test::written(project({"a"}), old) ==
        "error: `pyproject.toml` has `project.dependencies` of its own (line 4), and so has `Pipfile`");
  CHECK(test::written(project({"x"}), old) == old);
  auto group = project();
  group.groups.push_back({"Dev", requirements({"z"}), {}});
  CHECK(test::written(group, old) ==
        "error: `pyproject.toml` has `dependency-groups.Dev` of its own (line 6), and so has `Pipfile`");
  group.groups = {{"dev", requirements({"y"}), {}}, {"docs", requirements({"s"}), {"dev", "none"}}};
  CHECK(test::written(group, old) == old + "docs = [\n    { include-group = \"dev\" },\n    \"s\",\n]\n");
  CHECK(test::notes(group, old) == "the group `docs` includes `none`, which is no group\n");
}

TEST_CASE("an empty list takes what is imported") {
  CHECK(test::written(project({"a", "b"}), "[project]\nname = \"work\"\nversion = \"1\"\ndependencies = []\n") ==
        "[project]\nname = \"work\"\nversion = \"1\"\ndependencies = [\n    \"a\",\n    \"b\",\n]\n");
}

TEST_CASE("line ends and a byte order mark stay") {
  const auto text = test::written(project({"a"}), "\xEF\xBB\xBF[tool.x]\r\ny = 1\r\n");
  CHECK(text ==
        "\xEF\xBB\xBF[project]\r\nname = \"work\"\r\nversion = \"0.1.0\"\r\ndependencies = [\r\n    \"a\",\r\n]\r\n\r\n"
        "[tool.x]\r\ny = 1\r\n");
}

TEST_CASE("sources and indexes that are there stay") {
  auto imported = project();
  imported.indexes = {{"corp", "https://corp.test/", false, false}, {"more", "https://more.test/", true, false}};
  ops::Source source;
  source.path = "lib";
  imported.sources[pep::Name::from_normalized("lib")] = {source};
  const std::string old =
      "[project]\nname = \"work\"\nversion = \"1\"\n[tool.pkg.sources]\nlib = { git = \"https://host.test/lib\" }\n"
      "[[tool.pkg.index]]\nname = \"corp\"\nurl = \"https://mine.test/\"\n";
  CHECK(test::written(imported, old) ==
        old + "\n[[tool.pkg.index]]\nname = \"more\"\nurl = \"https://more.test/\"\nexplicit = true\n");
  CHECK(test::notes(imported, old) ==
        "pyproject.toml:5: `tool.pkg.sources.lib` stays as it is, and is not what `Pipfile` says\n");
}

TEST_CASE("what cannot be edited is refused, and so is what would be no project") {
  CHECK(test::written(project({"a"}), "project = {name = \"work\", version = \"1\"}\n")
            .starts_with("error: cannot edit [project] of `pyproject.toml`"));
  CHECK(test::written(project(), "[project\n").starts_with("error: "));
  auto odd = project();
  odd.settings = {{"no-such-setting", "1"}};
  CHECK(test::written(odd).starts_with("error: "));
}

TEST_CASE("names that are none become one, and the folder's stands in for a missing one") {
  auto imported = project();
  imported.name = "-my env!";
  CHECK(test::written(imported).starts_with("[project]\nname = \"my-env\"\n"));
  imported.name = "!";
  CHECK(test::written(imported).starts_with("[project]\nname = \"project\"\n"));
}
