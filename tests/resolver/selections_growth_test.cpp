// How a universal lock grows with the project's extras and conflicts: in nodes and bytes, which are the same on every
// machine.

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "base/text.h"
#include "resolver/resolve.h"
#include "support/lock_question.h"
#include "support/printers.h"
#include "support/world.h"

using namespace pkg;

namespace {

struct Size {
  std::size_t longest = 0;  // marker, in bytes
  std::uint64_t nodes = 0, forks = 0;
};

Size size_of(const std::string& world_text, const std::string& question) {
  test::World world;
  REQUIRE_OK(test::load_world(world_text, world));
  const auto problem = test::lock_problem(question);
  REQUIRE_OK(problem);
  const auto answer = resolver::resolve(*problem, world);
  REQUIRE_OK(answer);
  const auto* const resolution = std::get_if<resolver::Resolution>(&*answer);
  REQUIRE(resolution != nullptr);
  Size size{0, resolution->statistics.marker_nodes, resolution->statistics.forks};
  for (const resolver::Pin& pin : resolution->pins)
    size.longest = std::max(size.longest, pin.marker.to_string().size());
  return size;
}

// `count` projects p0 … with releases 1 and 2.
std::string projects(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) append(text, "p", i, " 1:\np", i, " 2:\n");
  return text;
}

// Extras e0 … that each ask for four of twenty projects, those with `condition` on the platform.
std::string extras_of_four(int extras) {
  std::string text = "--python >=3.9 ";
  for (int extra = 0; extra < extras; ++extra)
    for (int n = 0; n < 4; ++n)
      append(text, extra + n == 0 ? "" : ", ", "p", (extra * 7 + n * (n + extra % 5 + 1)) % 20, " ; 'e", extra,
             "' in extras");
  return text;
}

// One conflict set, whose members ask for different releases of p0.
std::string conflict_set(int members) {
  std::string conflict, wanted;
  for (int i = 0; i < members; ++i) {
    append(conflict, i == 0 ? "" : ",", "extra:e", i);
    append(wanted, i == 0 ? "" : ", ", "p0==", i % 2 + 1, " ; 'e", i, "' in extras");
  }
  return cat("--python >=3.9 --conflict ", conflict, " ", wanted);
}

}  // namespace

TEST_CASE("extras that ask for a few projects each: nodes and bytes grow with them") {
  for (const int extras : {10, 60, 200}) {
    CAPTURE(extras);
    const Size size = size_of(projects(20), extras_of_four(extras));
    CHECK(size.forks == 1);
    CHECK(size.nodes < 300 + static_cast<std::uint64_t>(200 * extras));
    CHECK(size.longest < static_cast<std::size_t>(40 * extras));
  }
}

TEST_CASE("a conflict set: nodes and bytes grow with its members") {
  for (const int members : {8, 32, 100}) {
    CAPTURE(members);
    const Size size = size_of(projects(1), conflict_set(members));
    CHECK(size.forks < static_cast<std::uint64_t>(3 * members));
    CHECK(size.nodes < 300 + static_cast<std::uint64_t>(50 * members));
    CHECK(size.longest < static_cast<std::size_t>(40 * members));
  }
}
