#include "cli/output/tree_page.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/hash.h"
#include "base/json.h"
#include "base/text.h"
#include "support/printers.h"

using namespace pkg;

namespace {

ops::GraphNode node(const std::string& name, std::string version) {
  ops::GraphNode result;
  result.name = pep::Name::from_normalized(name);
  result.version = std::move(version);
  return result;
}

// top needs middle, middle needs top.
ops::DependencyGraph circle() {
  ops::DependencyGraph graph;
  graph.nodes = {node("top", "1.0"), node("middle", "2.0")};
  for (const std::size_t from : {0u, 1u}) {
    ops::GraphEdge edge;
    edge.from = from;
    edge.to = 1 - from;
    edge.requirement = pep::Requirement::parse(from == 0 ? "middle>=2" : "top<2").value();
    graph.nodes[from].needs = {graph.edges.size()};
    graph.nodes[1 - from].needed_by = {graph.edges.size()};
    graph.edges.push_back(std::move(edge));
  }
  graph.roots = {0};
  return graph;
}

std::string page_of(const cli::TreePage& page) {
  const auto graph = circle();
  const auto lines = ops::walk(graph, {});
  REQUIRE_OK(lines);
  return cli::tree_page(graph, *lines, {}, page);
}

std::string between(std::string_view text, std::string_view begin, std::string_view end) {
  const auto from = text.find(begin);
  REQUIRE(from != std::string_view::npos);
  const auto rest = text.substr(from + begin.size());
  return std::string(rest.substr(0, rest.find(end)));
}

json::Json data_of(const std::string& page) {
  const auto parsed = json::parse(between(page, "id=\"data\">", "</script>"));
  REQUIRE_OK(parsed);
  return *parsed;
}

}  // namespace

TEST_CASE("a page has each package once, with what is known of it") {
  ops::HeldBackDist held;
  held.name = pep::Name::from_normalized("middle");
  held.version = "2.0";
  held.latest = "3.0";
  held.holds = {{ops::Hold::Kind::requirement, "3.0", "top 1.0", "middle<3", {}}};
  const auto page = page_of({"mine", true, {{1'500'000, "MIT", "the top"}, {}}, {held}});
  const auto data = data_of(page);
  CHECK(data["roots"].dump() == "[0]");
  REQUIRE(data["packages"].size() == 2);
  CHECK(
      data["packages"][0].dump() ==
      R"({"name":"top","version":"1.0","size":1500000,"license":"MIT","summary":"the top","needs":[[1,"middle>=2"]]})");
  CHECK(data["packages"][1]["latest"] == "3.0");
  CHECK(data["packages"][1]["held"][0] == "top 1.0 needs middle<3");
  CHECK(page.find("<h1>Dependencies of mine</h1>") != std::string::npos);
  CHECK(page.find("2 packages, 1.5 MB to download") != std::string::npos);
  CHECK(page == page_of({"mine", true, {{1'500'000, "MIT", "the top"}, {}}, {held}}));
}

TEST_CASE("nothing of a package is markup on the page, and only the page's own script may run") {
  const std::string evil = "</script><script>alert(1)</script><!--\u202e\x1b[31m&";
  const auto page = page_of({evil, false, {{std::nullopt, evil, evil}, {}}, {}});
  const auto data = data_of(page);
  CHECK(data["packages"][0]["summary"] == "</script><script>alert(1)</script><!--\\u{202e}\\x1b[31m&");
  for (const std::string_view piece : {"<script>alert", "</script><script>a", "<!--", "\u202e", "\x1b"})
    CHECK_MESSAGE(page.find(piece) == std::string::npos, piece);
  CHECK(page.find("<title>Dependencies of &lt;/script&gt;") != std::string::npos);
  for (const auto& [element, directive] : {std::pair("script", "script-src"), std::pair("style", "style-src")}) {
    const auto text = between(page, cat("\n<", element, ">"), cat("</", element, ">"));
    CHECK(!text.empty());
    CHECK(page.find(cat(directive, " 'sha256-", hash::to_base64(hash::sha256(text)), "'")) != std::string::npos);
  }
  CHECK(page.find("default-src 'none'") != std::string::npos);
}

TEST_CASE("secrets of requirements are not on the page") {
  auto graph = circle();
  graph.edges[0].requirement = pep::Requirement::parse("middle @ https://me:secret@host.test/m.whl?token=abc").value();
  const auto lines = ops::walk(graph, {});
  REQUIRE_OK(lines);
  const auto page = cli::tree_page(graph, *lines, {}, {"mine", false, {{}, {}}, {}});
  CHECK(page.find("secret") == std::string::npos);
  CHECK(page.find("abc") == std::string::npos);
}
