// How a universal lock grows with the project's extras, markers and conflicts: in nodes, bytes and runs of the solver,
// which are the same on every machine. resolver_growth_bench shows them with the time they take.

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "resolver/resolve.h"
#include "support/lock_question.h"
#include "support/printers.h"
#include "support/selections_world.h"
#include "support/world.h"

using namespace pkg;
using test::Selections;

namespace {

struct Size {
  std::uint64_t longest = 0;  // marker, in bytes
  std::uint64_t nodes = 0, forks = 0;
};

Size size_of(Selections kind, int size) {
  const test::SelectionsWorld given = test::selections_world(kind, size);
  test::World world;
  REQUIRE_OK(test::load_world(given.world, world));
  const auto problem = test::lock_problem(given.question);
  REQUIRE_OK(problem);
  const auto answer = resolver::resolve(*problem, world);
  REQUIRE_OK(answer);
  const auto* const resolution = std::get_if<resolver::Resolution>(&*answer);
  REQUIRE(resolution != nullptr);
  Size result{0, resolution->statistics.marker_nodes, resolution->statistics.forks};
  for (const resolver::Pin& pin : resolution->pins)
    result.longest = std::max(result.longest, std::uint64_t{pin.marker.to_string().size()});
  return result;
}

}  // namespace

TEST_CASE("nodes, bytes and runs grow with extras, groups, markers and conflict sets, not with their combinations") {
  struct Row {
    Selections kind;
    std::uint64_t nodes, bytes, forks;  // for each of them, at most
  };
  for (const Row& row : {
           Row{Selections::extras, 20, 40, 0},
           Row{Selections::groups, 20, 40, 0},
           Row{Selections::markers, 50, 90, 0},
           Row{Selections::machines, 30, 60, 0},
           Row{Selections::sets, 100, 60, 3},
           Row{Selections::members, 100, 40, 2},
       })
    for (const int count : {8, 20, 64, 200}) {
      CAPTURE(test::kSelections[static_cast<std::size_t>(row.kind)].second);
      CAPTURE(count);
      const Size size = size_of(row.kind, count);
      const auto each = static_cast<std::uint64_t>(count);
      CHECK(size.nodes < 400 + row.nodes * each);
      CHECK(size.longest < 100 + row.bytes * each);
      CHECK(size.forks < 10 + row.forks * each);
    }
}
