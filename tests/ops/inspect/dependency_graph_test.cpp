#include "ops/inspect/dependency_graph.h"

#include <doctest/doctest.h>

#include <filesystem>

#include "base/fs.h"
#include "base/text.h"
#include "ops/inspect/tree.h"
#include "ops/inspect/why.h"
#include "support/printers.h"
#include "support/temp_dir.h"
#include "venv/site.h"

using namespace pkg;
using ops::DependencyGraph;
using ops::GraphNode;
using ops::GraphSelection;

namespace {

pep::Environment linux_environment() {
  pep::Environment environment;
  environment.os_name = "posix";
  environment.sys_platform = "linux";
  environment.platform_system = "Linux";
  environment.python_version = "3.12";
  environment.python_full_version = environment.implementation_version = "3.12.1";
  return environment;
}

pep::Requirement requirement(const std::string& text) {
  const auto parsed = pep::Requirement::parse(text);
  REQUIRE_OK(parsed);
  return *parsed;
}

// "a 1 ; marker": a package of the lock; then what it needs, "b[x] ; marker" or "b 2" for one version of several.
lock::LockedPackage package(const std::string& text, const std::vector<std::string>& needs = {}) {
  const auto semicolon = text.find(" ; ");
  const auto words = split_words(std::string_view(text).substr(0, semicolon));
  const auto head = requirement(std::string(words[0]));
  lock::LockedPackage result;
  result.name = head.name;
  result.extras = head.extras;
  result.version = *pep::Version::parse(words[1]);
  if (semicolon != std::string::npos) result.marker = *pep::Marker::parse(text.substr(semicolon + 3));
  for (const auto& need : needs) {
    const auto at = need.find(" ; ");
    const auto parts = split_words(std::string_view(need).substr(0, at));
    const auto wanted = requirement(std::string(parts[0]));
    lock::LockedDependency dependency{wanted.name, std::nullopt, {}, wanted.extras};
    if (parts.size() > 1) dependency.version = *pep::Version::parse(parts[1]);
    if (at != std::string::npos) dependency.marker = *pep::Marker::parse(need.substr(at + 3));
    result.dependencies.push_back(std::move(dependency));
  }
  return result;
}

lock::LockFile lock_of(std::vector<lock::LockedPackage> packages) {
  lock::LockFile lock;
  lock.packages = std::move(packages);
  lock.tool.version = 1;
  return lock;
}

ops::GraphProject project(const std::vector<std::string>& requirements) {
  ops::GraphProject result{*pep::Name::parse("app"), "0.1.0", {}};
  for (const auto& text : requirements) result.requirements.push_back(requirement(text));
  return result;
}

GraphSelection here(std::vector<std::string> extras = {}, std::vector<std::string> groups = {}) {
  GraphSelection selection{linux_environment(), std::vector<pep::Name>(), std::vector<pep::Name>(), false};
  for (const auto& name : extras) selection.extras->push_back(*pep::Name::parse(name));
  for (const auto& name : groups) selection.groups->push_back(*pep::Name::parse(name));
  return selection;
}

std::string text_of(const DependencyGraph& graph, const ops::WalkOptions& options = {}) {
  const auto lines = ops::walk(graph, options);
  REQUIRE_OK(lines);
  std::string text;
  for (const auto& line : *lines) {
    const auto& node = graph.nodes[line.node];
    append(text, std::string(2 * line.level, ' '), node.name.str(), node.version.empty() ? "" : " ", node.version);
    if (node.kind == GraphNode::Kind::missing) text += " (missing)";
    if (line.edge) {
      for (const auto& extra : graph.edges[*line.edge].via_extras) append(text, " (extra ", extra.str(), ")");
      for (const auto& group : graph.edges[*line.edge].via_groups) append(text, " (group ", group.str(), ")");
    }
    if (line.mark == ops::TreeLine::Mark::repeated) text += " *";
    if (line.mark == ops::TreeLine::Mark::cycle) text += " cycle";
    text += "\n";
  }
  return text;
}

std::string chains_text(const DependencyGraph& graph, const std::string& name, std::size_t limit = 0) {
  const auto report =
      ops::find_chains(graph, graph.find(*pep::Name::parse(name)).front(), ops::chain_starts(graph), limit);
  std::string text;
  for (const auto& chain : report.chains) {
    append(text, graph.nodes[chain.nodes[0]].name.str());
    for (std::size_t i = 1; i < chain.nodes.size(); ++i) {
      text += " ->";
      for (const auto e : chain.links[i - 1]) append(text, " ", graph.edges[e].requirement.to_string());
    }
    text += "\n";
  }
  return text + (report.has_more ? "more\n" : "");
}

// A site folder of distributions.
struct Site {
  test::TempDir folder;
  std::vector<venv::InstalledDist> dists;
  void add(const std::string& name, const std::string& version, const std::vector<std::string>& requires_dist,
           bool requested = false) {
    const auto info = folder / (name + "-" + version + ".dist-info");
    std::filesystem::create_directories(info);
    std::string text = cat("Metadata-Version: 2.1\nName: ", name, "\nVersion: ", version, "\n");
    for (const auto& line : requires_dist) append(text, "Requires-Dist: ", line, "\n");
    REQUIRE_OK(fs::publish(info / "METADATA", text));
    if (requested) REQUIRE_OK(fs::publish(info / "REQUESTED", ""));
  }
  DependencyGraph graph() {
    const std::filesystem::path folders[] = {folder.path()};
    const auto found = venv::installed_in(folders);
    REQUIRE_OK(found);
    dists = *found;
    venv::InstalledSet installed(dists);
    return ops::graph_of(
        installed, {.environment = linux_environment(), .python = *pep::Version::parse("3.12.1"), .tags = nullptr});
  }
};

}  // namespace

TEST_CASE("a lock is shown from the project down, the environment's part of it, with default selections left out") {
  const auto lock = lock_of({package("anyio 4.3", {"idna", "winonly ; sys_platform == 'win32'"}), package("idna 3.6"),
                             package("pytest 8.1 ; 'dev' in dependency_groups", {"idna"}),
                             package("rich 13 ; 'cli' in extras"), package("winonly 1 ; sys_platform == 'win32'")});
  const auto app = project({"anyio>=4", "rich; 'cli' in extras", "pytest; 'dev' in dependency_groups"});
  CHECK(text_of(ops::graph_of(lock, here(), std::span(&app, 1))) ==
        "app 0.1.0\n"
        "  anyio 4.3\n"
        "    idna 3.6\n");
  CHECK(text_of(ops::graph_of(lock, here({"cli"}, {"dev"}), std::span(&app, 1))) ==
        "app 0.1.0\n"
        "  anyio 4.3\n"
        "    idna 3.6\n"
        "  rich 13 (extra cli)\n"
        "  pytest 8.1 (group dev)\n"
        "    idna 3.6\n");
  auto only_dev = here({}, {"dev"});
  only_dev.only_groups = true;
  CHECK(text_of(ops::graph_of(lock, only_dev, std::span(&app, 1))) ==
        "app 0.1.0\n  pytest 8.1 (group dev)\n    idna 3.6\n");
  CHECK(text_of(ops::graph_of(lock, {}, std::span(&app, 1))) ==
        "app 0.1.0\n"
        "  anyio 4.3\n"
        "    idna 3.6\n"
        "    winonly 1\n"
        "  rich 13 (extra cli)\n"
        "  pytest 8.1 (group dev)\n"
        "    idna 3.6\n");
}

TEST_CASE("several versions of one project are told apart by what each requirement accepts, and by the lock") {
  const auto lock = lock_of({package("a 1", {"np 2 ; python_version >= '3.12'", "np 1 ; python_version < '3.12'"}),
                             package("np 2 ; python_version >= '3.12'"), package("np 1 ; python_version < '3.12'")});
  const auto app = project({"a", "np<2; python_version < '3.12'", "np>=2; python_version >= '3.12'"});
  CHECK(text_of(ops::graph_of(lock, {}, std::span(&app, 1))) ==
        "app 0.1.0\n"
        "  a 1\n"
        "    np 2\n"
        "    np 1\n"
        "  np 2\n"
        "  np 1\n");
  CHECK(text_of(ops::graph_of(lock, here(), std::span(&app, 1))) ==
        "app 0.1.0\n"
        "  a 1\n"
        "    np 2\n"
        "  np 2\n");
}

TEST_CASE("what only an extra needs stands below those who ask for the extra") {
  const auto lock = lock_of({package("a 1", {"web[fast]"}), package("b 1", {"web"}), package("uv-loop 1"),
                             package("web[fast] 1", {"idna", "uv-loop ; extra == 'fast'"}), package("idna 3")});
  const auto app = project({"a", "b"});
  CHECK(text_of(ops::graph_of(lock, here(), std::span(&app, 1))) ==
        "app 0.1.0\n"
        "  a 1\n"
        "    web 1\n"
        "      idna 3\n"
        "      uv-loop 1 (extra fast)\n"
        "  b 1\n"
        "    web 1\n"
        "      idna 3\n");
}

TEST_CASE("another tool's lock without a list of requirements begins with what nothing needs") {
  auto lock = lock_of({package("a 1", {"b"}), package("b 1"), package("c 1")});
  lock.tool = {};
  CHECK(text_of(ops::graph_of(lock, here(), {})) == "a 1\n  b 1\nc 1\n");
}

TEST_CASE("the project that is locked itself is one node") {
  const auto lock = lock_of({package("app 0.1.0", {"a"}), package("a 1")});
  const auto app = project({"a>=1"});
  CHECK(text_of(ops::graph_of(lock, here(), std::span(&app, 1))) == "app 0.1.0\n  a 1\n");
}

TEST_CASE("an environment begins with what nothing else needs; what is missing is said") {
  Site site;
  site.add("app", "1.0", {"lib[fast]>=2", "gone", "never; sys_platform == 'win32'"});
  site.add("lib", "2.1", {"speed; extra == 'fast'", "docs; extra == 'doc'"});
  site.add("speed", "3", {});
  site.add("alone", "1", {});
  CHECK(text_of(site.graph()) ==
        "alone 1\n"
        "app 1.0\n"
        "  gone (missing)\n"
        "  lib 2.1\n"
        "    speed 3 (extra fast)\n");
}

TEST_CASE("a circle is shown once and marked, and one that nobody needs begins with its first name") {
  Site site;
  site.add("a", "1", {"b"});
  site.add("b", "1", {"c"});
  site.add("c", "1", {"a", "d"});
  site.add("d", "1", {});
  const auto graph = site.graph();
  CHECK(text_of(graph) ==
        "a 1\n"
        "  b 1\n"
        "    c 1\n"
        "      a 1 cycle\n"
        "      d 1\n");
  CHECK(text_of(graph, {.packages = {"c"}, .dedupe = false}) ==
        "c 1\n"
        "  a 1\n"
        "    b 1\n"
        "      c 1 cycle\n"
        "  d 1\n");
  CHECK(text_of(graph, {.direction = ops::Direction::needed_by}) ==
        "d 1\n"
        "  c 1\n"
        "    b 1\n"
        "      a 1\n"
        "        c 1 cycle\n");
}

TEST_CASE("what was shown is not shown again, unless it is asked for; depth and pruning cut") {
  const auto lock = lock_of({package("a 1", {"c"}), package("b 1", {"c"}), package("c 1", {"d"}), package("d 1")});
  const auto app = project({"a", "b"});
  const auto graph = ops::graph_of(lock, here(), std::span(&app, 1));
  CHECK(text_of(graph) == "app 0.1.0\n  a 1\n    c 1\n      d 1\n  b 1\n    c 1 *\n");
  CHECK(text_of(graph, {.dedupe = false}) == "app 0.1.0\n  a 1\n    c 1\n      d 1\n  b 1\n    c 1\n      d 1\n");
  CHECK(text_of(graph, {.depth = 1}) == "app 0.1.0\n  a 1\n  b 1\n");
  CHECK(text_of(graph, {.prune = {"c"}}) == "app 0.1.0\n  a 1\n  b 1\n");
  CHECK(text_of(graph, {.packages = {"b", "a"}}) == "b 1\n  c 1\n    d 1\na 1\n  c 1 *\n");
  CHECK(text_of(graph, {.direction = ops::Direction::needed_by, .packages = {"c"}}) ==
        "c 1\n  a 1\n    app 0.1.0\n  b 1\n    app 0.1.0\n");
}

TEST_CASE("a name that is not there is an error with the nearest one") {
  const auto lock = lock_of({package("numpy 2"), package("pandas 2")});
  const auto lines = ops::walk(ops::graph_of(lock, here(), {}), {.packages = {"nunpy"}});
  REQUIRE(!lines.ok());
  CHECK(lines.error().message == "there is no `nunpy` among the 2 packages");
  CHECK(lines.error().hint == "did you mean `numpy`?");
}

TEST_CASE("a million lines are refused instead of filling the memory") {
  std::vector<lock::LockedPackage> packages;
  for (int i = 0; i < 40; ++i) {
    std::vector<std::string> needs;
    if (i + 2 < 40) needs = {cat("p", i + 1), cat("p", i + 2)};
    packages.push_back(package(cat("p", i, " 1"), needs));
  }
  const auto graph = ops::graph_of(lock_of(std::move(packages)), here(), {});
  CHECK(ops::walk(graph, {}).ok());
  const auto lines = ops::walk(graph, {.dedupe = false});
  REQUIRE(!lines.ok());
  CHECK(lines.error().message == "the tree has more than 1000000 lines");
}

TEST_CASE("chains come shortest first, and pass a circle once") {
  const auto lock =
      lock_of({package("a 1", {"b"}), package("b 1", {"a", "idna"}), package("c 1", {"b"}), package("idna 3")});
  const auto app = project({"a>=1", "c", "idna>2"});
  const auto graph = ops::graph_of(lock, here(), std::span(&app, 1));
  CHECK(chains_text(graph, "idna") == "app -> idna>2\napp -> a>=1 -> b -> idna\napp -> c -> b -> idna\n");
  CHECK(chains_text(graph, "a") == "app -> a>=1\napp -> c -> b -> a\n");
  CHECK(chains_text(graph, "idna", 1) == "app -> idna>2\nmore\n");
  CHECK(chains_text(graph, "idna", 3) == "app -> idna>2\napp -> a>=1 -> b -> idna\napp -> c -> b -> idna\n");
}

TEST_CASE("in an environment chains begin with what was asked for, too") {
  Site site;
  site.add("app", "1", {"lib>=1"});
  site.add("lib", "2", {"base<3", "base!=2.5"}, true);
  site.add("base", "2", {});
  CHECK(chains_text(site.graph(), "base") == "lib -> base<3 base!=2.5\napp -> lib>=1 -> base<3 base!=2.5\n");
  CHECK(chains_text(site.graph(), "app").empty());
}

TEST_CASE("what the metadata says replaces the names that a lock keeps") {
  const auto lock = lock_of(
      {package("a 1", {"b", "c ; sys_platform == 'linux'", "d"}), package("b 2"), package("c 1"), package("d 1")});
  const auto app = project({"a"});
  auto graph = ops::graph_of(lock, here(), std::span(&app, 1));
  const auto a = graph.find(*pep::Name::parse("a")).front();
  std::vector<pep::Requirement> stated;
  for (const auto* text :
       {"b>=1", "b<3; python_version >= '3.8'", "b<2; python_version < '3.8'", "c~=1.0; sys_platform == 'linux'"})
    stated.push_back(requirement(text));
  ops::state_requirements(graph, a, pep::RequirementList(stated), here());
  CHECK(chains_text(graph, "b") == "app -> a -> b>=1 b<3; python_version >= \"3.8\"\n");
  CHECK(chains_text(graph, "c") == "app -> a -> c~=1.0; sys_platform == \"linux\"\n");
  CHECK(chains_text(graph, "d") == "app -> a -> d\n");
  CHECK(!graph.edges[graph.nodes[graph.find(*pep::Name::parse("d")).front()].needed_by.front()].is_stated);
}

TEST_CASE("markers are shown without the part that extras and groups already tell") {
  const auto shown = [](const char* text) { return ops::environment_part(*pep::Marker::parse(text)).to_string(); };
  CHECK(shown("'x' in extras") == "");
  CHECK(shown("extra == 'x' and os_name == 'nt'") == "os_name == \"nt\"");
  CHECK(shown("os_name == 'nt' and 'x' in extras") == "os_name == \"nt\"");
  CHECK(shown("(os_name == 'nt' or os_name == 'x') and 'x' in extras") == "os_name == \"nt\" or os_name == \"x\"");
  CHECK(shown("os_name == 'nt' and python_version < '3' and 'g' in dependency_groups") ==
        "os_name == \"nt\" and python_version < \"3\"");
  CHECK(shown("os_name == 'nt' or 'x' in extras") == "os_name == \"nt\" or \"x\" in extras");
}
