// Writing sets as markers: what comes back when it is read, that nothing in it is superfluous, and how it grows.

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/text.h"
#include "resolver/marker_space.h"
#include "support/markers.h"
#include "support/printers.h"
#include "support/random_marker.h"

using namespace pkg;
using pep::MarkerNode;
using resolver::MarkerSet;
using resolver::MarkerSpace;

namespace {

using test::marker;

std::string written(std::string_view text) {
  MarkerSpace space;
  return space.marker(space.of(marker(text))).to_string();
}

// The marker below a node, as a marker of its own; `without` (if any) and what hangs on it is left out.
pep::Marker part(std::span<const MarkerNode> nodes, std::uint32_t root, std::uint32_t without) {
  std::vector<MarkerNode> kept;
  std::vector<std::uint32_t> place(nodes.size());
  for (std::uint32_t i = 0; i <= root; ++i) {
    MarkerNode node = nodes[i];
    std::erase(node.children, without);
    for (std::uint32_t& child : node.children) child = place[child];
    if (i == without || (node.kind != MarkerNode::Kind::atom && node.children.empty())) continue;
    place[i] = static_cast<std::uint32_t>(kept.size());
    kept.push_back(std::move(node));
  }
  return pep::Marker::from_nodes(std::move(kept));
}

// The first alternative or condition that could be left out of a marker; empty: none.
std::string superfluous(MarkerSpace& space, const pep::Marker& given) {
  const auto nodes = given.nodes();
  const MarkerSet whole = space.of(given);
  for (std::uint32_t parent = 0; parent < nodes.size(); ++parent) {
    if (nodes[parent].children.size() < 2) continue;
    for (const std::uint32_t child : nodes[parent].children)
      if (space.of(part(nodes, static_cast<std::uint32_t>(nodes.size() - 1), child)) == whole)
        return part(nodes, child, static_cast<std::uint32_t>(nodes.size())).to_string();
  }
  return "";
}

std::size_t alternatives(const pep::Marker& given) {
  const auto nodes = given.nodes();
  return nodes.empty() || nodes.back().kind != MarkerNode::Kind::any ? 1 : nodes.back().children.size();
}

// Where each of `packages` is installed when each of `extras` extras asks for four of them.
std::vector<MarkerSet> asked_by_extras(MarkerSpace& space, int extras, int packages) {
  std::vector<MarkerSet> sets(static_cast<std::size_t>(packages), MarkerSpace::kNone);
  for (int extra = 0; extra < extras; ++extra)
    for (int n = 0; n < 4; ++n) {
      MarkerSet& set = sets[static_cast<std::size_t>((extra * 7 + n * (n + extra % 5 + 1)) % packages)];
      set = space.either(set, space.of(marker(cat("'e", extra, "' in extras"))));
    }
  return sets;
}

}  // namespace

TEST_CASE("a written set reads back as itself, and nothing in the text can be left out") {
  MarkerSpace space;
  test::Random random(test::property_seed());
  std::size_t checked = 0;
  for (unsigned i = 0; i < test::property_cases(400); ++i) {
    const std::string text = test::random_marker_text(random, {.lock_sets = true, .odd = random.one_in(3)}, 3);
    const std::string assumed = test::random_marker_text(random, {.lock_sets = true}, 2);
    CAPTURE(text);
    CAPTURE(assumed);
    const MarkerSet given = space.of(marker(text)), care = space.of(marker(assumed));
    for (const MarkerSet set : {given, space.simplify(given, care), space.negation(given)}) {
      if (set == MarkerSpace::kNone || set == MarkerSpace::kAll) continue;
      const pep::Marker result = space.marker(set);
      CAPTURE(result.to_string());
      REQUIRE(space.of(marker(result.to_string())) == set);
      if (alternatives(result) > 12) continue;
      ++checked;
      REQUIRE(superfluous(space, result) == "");
    }
    const MarkerSet simple = space.simplify(given, care);
    CHECK(space.both(simple, care) == space.both(given, care));
  }
  CHECK(checked > 500);
}

TEST_CASE("sets are written as a reader would") {
  struct Row {
    const char *given, *expected;
  };
  for (const Row& row : {
           Row{"'a' in extras or 'b' in extras", R"("a" in extras or "b" in extras)"},
           Row{"'a' in extras and 'c' in extras or 'b' in extras",
               R"("b" in extras or "a" in extras and "c" in extras)"},
           Row{"'a' in extras and sys_platform == 'win32' or 'b' in extras and sys_platform == 'win32' or 'c' in "
               "extras",
               R"("c" in extras or "a" in extras and sys_platform == "win32" or "b" in extras and sys_platform == )"
               R"("win32")"},
           Row{"'g' in dependency_groups or 'a' in extras and python_version < '3.9'",
               R"("g" in dependency_groups or "a" in extras and python_version < "3.9")"},
           Row{"python_version < '3.9' or python_version >= '3.10'", R"(python_version != "3.9")"},
           Row{"python_version < '3.9' or sys_platform != 'win32'",
               R"(python_version < "3.9" or sys_platform != "win32")"},
           Row{"python_version < '3.11' and sys_platform == 'linux' or python_version >= '3.9' and sys_platform == "
               "'win32'",
               R"(python_version < "3.11" and sys_platform == "linux" or python_version >= "3.9" and sys_platform == )"
               R"("win32")"},
           Row{"sys_platform == 'linux' or sys_platform == 'darwin'",
               R"(sys_platform == "darwin" or sys_platform == "linux")"},
           Row{"(sys_platform == 'linux' or sys_platform == 'darwin') and platform_machine == 'arm64'",
               R"((sys_platform == "darwin" or sys_platform == "linux") and platform_machine == "arm64")"},
       })
    CHECK(written(row.given) == row.expected);
}

TEST_CASE("the text of what many extras ask for grows with them, and writing it leaves no nodes behind") {
  for (const int extras : {10, 60, 200}) {
    CAPTURE(extras);
    MarkerSpace space;
    const auto sets = asked_by_extras(space, extras, 20);
    const std::size_t before = space.size();
    CHECK(before < static_cast<std::size_t>(200 * extras));
    std::size_t longest = 0;
    for (const MarkerSet set : sets) {
      const std::string text = space.marker(set).to_string();
      longest = std::max(longest, text.size());
      CHECK(text.find(" not in ") == std::string::npos);
      CHECK(text.find(" and ") == std::string::npos);
    }
    CHECK(longest < static_cast<std::size_t>(40 * extras));
    CHECK(space.size() == before);
  }
}

TEST_CASE("an extra and a condition each: the text has one alternative for each") {
  MarkerSpace space;
  MarkerSet set = MarkerSpace::kNone;
  for (int i = 0; i < 9; ++i)
    set = space.either(set, space.of(marker(cat("'e", i, "' in extras and platform_machine == 'm", i, "'"))));
  const pep::Marker text = space.marker(set);
  CHECK(alternatives(text) == 9);
  CHECK(text.to_string().size() < 600);
}
