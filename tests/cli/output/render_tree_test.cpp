#include "cli/output/render_tree.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "cli/output/output.h"
#include "support/printers.h"

using namespace pkg;

namespace {

pep::Requirement requirement(const std::string& text) {
  const auto parsed = pep::Requirement::parse(text);
  REQUIRE_OK(parsed);
  return *parsed;
}

lock::LockedPackage package(const std::string& name, const std::string& version, const std::string& marker = {}) {
  lock::LockedPackage result;
  result.name = *pep::Name::parse(name);
  result.version = *pep::Version::parse(version);
  if (!marker.empty()) result.marker = *pep::Marker::parse(marker);
  return result;
}

void needs(lock::LockedPackage& from, const std::string& text) {
  const auto wanted = requirement(text);
  from.dependencies.push_back({wanted.name, std::nullopt, wanted.marker, wanted.extras});
}

// app needs anyio and web[fast], pytest in a group; idna twice; a circle between web and its plugin.
ops::DependencyGraph sample() {
  lock::LockFile lock;
  lock.tool.version = 1;
  auto anyio = package("anyio", "4.3"), web = package("web", "1.0"), plugin = package("web-plugin", "2"),
       idna = package("idna", "3.6");
  auto pytest = package("pytest", "8.1", "'dev' in dependency_groups");
  web.extras = {*pep::Name::parse("fast")};
  needs(anyio, "idna");
  needs(anyio, "colorama; sys_platform == 'win32'");
  needs(web, "idna");
  needs(web, "web-plugin; extra == 'fast'");
  needs(plugin, "web");
  lock.packages = {anyio, package("colorama", "0.4", "sys_platform == 'win32'"), idna, pytest, web, plugin};
  ops::GraphProject app{*pep::Name::parse("app"), "0.1.0", {}};
  for (const auto* text : {"anyio>=4", "web[fast]", "pytest; 'dev' in dependency_groups"})
    app.requirements.push_back(requirement(text));
  app.requirements[0].origin = {.file = "pyproject.toml", .what = {}, .line = 7, .column = 0};
  return ops::graph_of(lock, {}, std::span(&app, 1));
}

std::string text_of(const ops::DependencyGraph& graph, const ops::WalkOptions& options, cli::TreeStyle style) {
  cli::set_color("never");
  const auto lines = ops::walk(graph, options);
  REQUIRE_OK(lines);
  style.direction = options.direction;
  return cli::tree_text(graph, *lines, style).str();
}

std::size_t node(const ops::DependencyGraph& graph, const std::string& name) {
  return graph.find(*pep::Name::parse(name)).front();
}

}  // namespace

TEST_CASE("a tree has branches, extras at the name, and tells what was shown and what is a circle") {
  const auto graph = sample();
  CHECK(text_of(graph, {}, {}) ==
        "app v0.1.0\n"
        "├── anyio v4.3\n"
        "│   ├── colorama v0.4\n"
        "│   └── idna v3.6\n"
        "├── web[fast] v1.0\n"
        "│   ├── idna v3.6\n"
        "│   └── web-plugin v2 (extra: fast)\n"
        "│       └── web v1.0 (cycle)\n"
        "└── pytest v8.1 (group: dev)\n"
        "(cycle) stands on the way to itself\n");
}

TEST_CASE("a whole lock says where its parts count, and newer releases stand beside") {
  const auto graph = sample();
  CHECK(text_of(graph, {.packages = {"anyio"}}, {.markers = true, .latest = {{node(graph, "idna"), "3.7"}}}) ==
        "anyio v4.3\n"
        "├── colorama v0.4 ; sys_platform == \"win32\"\n"
        "└── idna v3.6 (latest: v3.7)\n");
}

TEST_CASE("an inverted tree goes from what is needed to what needs it") {
  CHECK(text_of(sample(), {.direction = ops::Direction::needed_by, .packages = {"idna", "web"}}, {}) ==
        "idna v3.6\n"
        "├── anyio v4.3\n"
        "│   └── app v0.1.0\n"
        "└── web v1.0\n"
        "    ├── app v0.1.0\n"
        "    └── web-plugin v2\n"
        "        └── web v1.0 (extra: fast) (cycle)\n"
        "web v1.0 (*)\n"
        "(*) shown above with what is below it\n"
        "(cycle) stands on the way to itself\n");
}

TEST_CASE("a tree as JSON has each package once, with its edges") {
  const auto graph = sample();
  const auto lines = ops::walk(graph, {.depth = 1});
  REQUIRE_OK(lines);
  CHECK(
      json::dump(cli::tree_json(graph, *lines, {})) ==
      R"({"roots":["app@0.1.0"],"packages":[)"
      R"({"id":"app@0.1.0","name":"app","kind":"project","version":"0.1.0","dependencies":[)"
      R"({"id":"anyio@4.3","requirement":"anyio>=4","origin":"pyproject.toml:7"},)"
      R"({"id":"web@1.0","requirement":"web[fast]","extras":["fast"]},)"
      R"({"id":"pytest@8.1","requirement":"pytest; \"dev\" in dependency_groups","marker":"\"dev\" in dependency_groups","only_for_groups":["dev"]}]},)"
      R"({"id":"anyio@4.3","name":"anyio","kind":"package","version":"4.3","dependencies":[]},)"
      R"({"id":"web@1.0","name":"web","kind":"package","version":"1.0","extras":["fast"],"dependencies":[]},)"
      R"({"id":"pytest@8.1","name":"pytest","kind":"package","version":"8.1","marker":"\"dev\" in dependency_groups","dependencies":[]}]})");
}

TEST_CASE("a chain tells the requirement of each step and where it is written") {
  cli::set_color("never");
  auto graph = sample();
  const auto stated = requirement("idna<4,>=2.5; python_version >= '3.8'");
  ops::state_requirements(graph, node(graph, "anyio"), pep::RequirementList(std::span(&stated, 1)), {});
  const auto report = ops::find_chains(graph, node(graph, "idna"), ops::chain_starts(graph), 0);
  CHECK(cli::chains_text(graph, report) ==
        "app v0.1.0\n"
        "└── anyio v4.3  anyio>=4 in pyproject.toml:7\n"
        "    └── idna v3.6  idna<4,>=2.5; python_version >= \"3.8\"\n"
        "\n"
        "app v0.1.0\n"
        "└── web v1.0  web[fast]\n"
        "    └── idna v3.6  idna\n");
  CHECK(
      json::dump(cli::chains_json(graph, report)[0]) ==
      R"([{"name":"app","version":"0.1.0"},)"
      R"({"name":"anyio","version":"4.3","requirements":[{"requirement":"anyio>=4","origin":"pyproject.toml:7"}]},)"
      R"({"name":"idna","version":"3.6","requirements":[{"requirement":"idna<4,>=2.5; python_version >= \"3.8\"","marker":"python_version >= \"3.8\""}]}])");
}
