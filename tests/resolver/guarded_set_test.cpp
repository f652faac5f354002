// Guarded sets against plain ones: the same environments for every selection, before and after they were written.

#include "resolver/guarded_set.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "base/text.h"
#include "resolver/guarded_text.h"
#include "support/markers.h"
#include "support/printers.h"
#include "support/random_marker.h"

using namespace pkg;
using resolver::GuardedSet;
using resolver::GuardedSets;
using resolver::MarkerSet;
using resolver::MarkerSpace;

namespace {

using test::marker;

// The set as a plain one, guards and all.
MarkerSet plain(GuardedSets& sets, MarkerSpace& space, const GuardedSet& set) {
  MarkerSet any = MarkerSpace::kNone;
  for (const auto& [guard, environments] : set.parts) {
    MarkerSet selected = MarkerSpace::kAll;
    if (guard != resolver::kAlways) selected = space.of(pep::Marker::from_nodes({{.atom = sets.atom_of(guard)}}));
    any = space.either(any, space.both(selected, environments));
  }
  return any;
}

std::string condition(test::Random& random) { return test::random_marker_text(random, {}, 1); }

// An alternative as roots have it: an extra, one with a condition, several with one, or a condition alone.
std::string alternative(test::Random& random) {
  const auto extra = [&] { return cat("'e", random.below(5), "' in extras"); };
  switch (random.below(5)) {
    case 0:
      return extra();
    case 1:
      return cat("(", extra(), " or ", extra(), ") and (", condition(random), ")");
    case 2:
      return condition(random);
    case 3:
      return cat("'g' in dependency_groups and (", condition(random), ")");
    default:
      return cat(extra(), " and (", condition(random), ")");
  }
}

std::string alternatives(test::Random& random) {
  std::string text = alternative(random);
  for (int n = random.below(5); n > 0; --n) append(text, " or ", alternative(random));
  return text;
}

}  // namespace

TEST_CASE("a marker read by parts means what it means, and writing it back keeps that") {
  test::Random random(test::property_seed());
  for (unsigned i = 0; i < test::property_cases(300); ++i) {
    MarkerSpace space;
    GuardedSets sets(space);
    const std::string text = alternatives(random);
    CAPTURE(text);
    const GuardedSet set = sets.of(marker(text));
    const MarkerSet meant = space.of(marker(text));
    REQUIRE(plain(sets, space, set) == meant);
    if (set.is_empty()) continue;
    const MarkerSet universe = space.of(marker(condition(random)));
    const GuardedSet within = sets.meet(set, universe);
    if (within.is_empty()) continue;
    const pep::Marker written = resolver::marker_of(within, sets, space, universe);
    CAPTURE(written.to_string());
    REQUIRE(space.both(space.of(written), universe) == space.both(meant, universe));
    const GuardedSet again = sets.meet(sets.of(marker(written.is_trivial() ? text : written.to_string())), universe);
    REQUIRE(plain(sets, space, again) == space.both(meant, universe));
  }
}

TEST_CASE("joining, meeting and taking away agree with plain sets") {
  test::Random random(test::property_seed() + 1);
  for (unsigned i = 0; i < test::property_cases(300); ++i) {
    MarkerSpace space;
    GuardedSets sets(space);
    const std::string a_text = alternatives(random), b_text = alternatives(random);
    CAPTURE(a_text);
    CAPTURE(b_text);
    const GuardedSet a = sets.of(marker(a_text)), b = sets.of(marker(b_text));
    const MarkerSet a_plain = space.of(marker(a_text)), b_plain = space.of(marker(b_text));
    GuardedSet either = a;
    CHECK(sets.grow(either, b) == !space.implies(b_plain, a_plain));
    CHECK(!sets.grow(either, b));
    REQUIRE(plain(sets, space, either) == space.either(a_plain, b_plain));
    const MarkerSet environments = space.of(marker(condition(random)));
    REQUIRE(plain(sets, space, sets.meet(a, environments)) == space.both(a_plain, environments));
    CHECK(sets.without(a, b).is_empty() == space.implies(a_plain, b_plain));
    CHECK(sets.covers(a, environments) == space.implies(environments, a_plain));
    CHECK(sets.meets(a, environments) == !space.disjoint(environments, a_plain));
    // Under some selection they overlap exactly when their environments do.
    CHECK(space.disjoint(sets.hull(a), sets.hull(b)) == space.disjoint(a_plain, b_plain));
  }
}

TEST_CASE("a guard that diagrams ask about is put back into them") {
  MarkerSpace space;
  GuardedSets sets(space);
  const char* const text = "'x' in extras and os_name == 'nt' or 'y' in extras";
  const GuardedSet set = sets.of(marker(text));
  CHECK(set.parts.size() == 2);
  sets.keep_in_diagrams(marker("'x' in extras").nodes()[0].atom);
  const GuardedSet flat = sets.flattened(set);
  CHECK(flat.parts.front().first == resolver::kAlways);
  CHECK(plain(sets, space, flat) == space.of(marker(text)));
  CHECK(sets.of(marker(text)) == flat);
}

TEST_CASE("extras that share a condition are written with it once") {
  MarkerSpace space;
  GuardedSets sets(space);
  const auto written = [&](std::string_view text) {
    return resolver::marker_of(sets.of(marker(text)), sets, space, MarkerSpace::kAll).to_string();
  };
  CHECK(written("'b' in extras or 'a' in extras") == R"("a" in extras or "b" in extras)");
  CHECK(written("'a' in extras and os_name == 'nt' or 'b' in extras and os_name == 'nt'") ==
        R"(("a" in extras or "b" in extras) and os_name == "nt")");
  CHECK(written("os_name == 'nt' or 'a' in extras and (os_name == 'nt' or sys_platform == 'linux')") ==
        R"(os_name == "nt" or "a" in extras and sys_platform == "linux")");
  CHECK(written("os_name == 'nt' or 'a' in extras and os_name == 'nt'") == R"(os_name == "nt")");
}

TEST_CASE("each extra with a machine of its own: text and nodes grow with them") {
  for (const int extras : {8, 16, 64, 200}) {
    CAPTURE(extras);
    MarkerSpace space;
    GuardedSets sets(space);
    GuardedSet set;
    for (int i = 0; i < extras; ++i)
      sets.grow(set, sets.of(marker(cat("'e", i, "' in extras and platform_machine == 'm", i, "'"))));
    const pep::Marker text = resolver::marker_of(set, sets, space, MarkerSpace::kAll);
    CHECK(text.to_string().size() < static_cast<std::size_t>(60 * extras));
    CHECK(sets.of(marker(text.to_string())) == set);
    CHECK(space.size() < static_cast<std::size_t>(20 * extras));
  }
}
