// Marker algebra: tables, and random markers against evaluation on a grid of environments.

#include "resolver/marker_space.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "base/text.h"
#include "conformance/resolver_marker_algebra.h"
#include "support/conformance.h"
#include "support/markers.h"
#include "support/printers.h"
#include "support/random_marker.h"
#include "support/vectors.h"

using namespace pkg;
using resolver::MarkerSet;
using resolver::MarkerSpace;

namespace {

constexpr std::string_view kPythons[] = {"3.7.17", "3.8.0",  "3.9.2",  "3.10.4", "3.11.0",
                                         "3.11.9", "3.12.1", "3.13.0", "3.14.2"};

using test::marker;

pep::Name name(std::string_view text) { return pep::Name::parse(text).value(); }

// An environment of the grid with extras and groups.
struct Place {
  pep::Environment environment;
  std::vector<pep::Name> extras, lock_extras, lock_groups;
  pep::MarkerContext context() const {
    return {.environment = environment,
            .extras = extras,
            .lock_extras = lock_extras,
            .lock_groups = lock_groups,
            .is_lock_file = true};
  }
};

std::vector<Place> places(bool with_sets) {
  std::vector<Place> list;
  const std::vector<std::vector<pep::Name>> sets = {{}, {name("x")}, {name("y")}, {name("x"), name("y")}};
  for (const pep::Environment& environment : test::environment_grid(kPythons)) {
    list.push_back({environment, {}, {}, {}});
    if (!with_sets) continue;
    for (const auto& set : sets) {
      list.push_back({environment, set, {}, {name("dev")}});
      list.push_back({environment, {}, set, {}});
    }
  }
  return list;
}

std::string simplified(std::string_view text, std::string_view assumption) {
  MarkerSpace space;
  const MarkerSet set = space.simplify(space.of(marker(text)), space.of(marker(assumption)));
  return set == MarkerSpace::kNone ? "never" : space.marker(set).to_string();
}

}  // namespace

TEST_CASE(
    "the facts of marker_algebra.json are answered as docs/internals/conformance.md says, and never wrongly in the "
    "dangerous "
    "direction") {
  const auto verdict = conformance::judge_marker_algebra(test::vectors_folder());
  CHECK(verdict.facts.total == 546);
  CHECK(join(verdict.unsound, " ") == "");
  test::compare_with_deviations({verdict.facts});
}

TEST_CASE("a marker and its printed set hold in the same environments") {
  const auto everywhere = places(true);
  MarkerSpace space;
  test::Random random(test::property_seed());
  for (unsigned i = 0; i < test::property_cases(80); ++i) {
    const std::string text = test::random_marker_text(random, {.extras = true, .lock_sets = true, .odd = true}, 3);
    CAPTURE(text);
    const pep::Marker given = marker(text);
    const MarkerSet set = space.of(given);
    std::optional<pep::Marker> printed;
    if (set != MarkerSpace::kNone) printed = space.marker(set);
    const std::string printed_text = printed ? printed->to_string() : "never";
    CAPTURE(printed_text);
    if (printed && !printed->is_trivial()) CHECK(space.of(marker(printed_text)) == set);
    for (const Place& place : everywhere) {
      const bool expected = given.evaluate(place.context());
      CAPTURE(place.environment.sys_platform);
      CAPTURE(place.environment.python_full_version);
      REQUIRE(space.contains(set, place.context()) == expected);
      REQUIRE((printed && printed->evaluate(place.context())) == expected);
    }
  }
}

TEST_CASE("and, or, not and simplification agree with evaluation") {
  const auto everywhere = places(true);
  MarkerSpace space;
  test::Random random(test::property_seed() + 1);
  std::size_t atoms_before = 0, atoms_after = 0;
  for (unsigned i = 0; i < test::property_cases(60); ++i) {
    const std::string a_text = test::random_marker_text(random, {.extras = true, .odd = true}),
                      b_text = test::random_marker_text(random, {.extras = true, .odd = true});
    CAPTURE(a_text);
    CAPTURE(b_text);
    const pep::Marker a_marker = marker(a_text), b_marker = marker(b_text);
    const MarkerSet a = space.of(a_marker), b = space.of(b_marker);
    const MarkerSet both = space.both(a, b), either = space.either(a, b), no_a = space.negation(a),
                    simple = space.simplify(a, b);
    for (const Place& place : everywhere) {
      const bool in_a = a_marker.evaluate(place.context()), in_b = b_marker.evaluate(place.context());
      REQUIRE(space.contains(both, place.context()) == (in_a && in_b));
      REQUIRE(space.contains(either, place.context()) == (in_a || in_b));
      REQUIRE(space.contains(no_a, place.context()) == !in_a);
      if (in_b) REQUIRE(space.contains(simple, place.context()) == in_a);
    }
    // What must be the same handle.
    CHECK(both == space.both(b, a));
    CHECK(space.negation(no_a) == a);
    CHECK(space.negation(both) == space.either(no_a, space.negation(b)));
    CHECK(space.both(simple, b) == both);
    CHECK(space.either(both, space.without(a, b)) == a);
    CHECK(space.implies(both, a));
    CHECK(space.disjoint(a, no_a));
    if (a != MarkerSpace::kNone && simple != MarkerSpace::kNone) {
      atoms_before += space.marker(a).nodes().size();
      atoms_after += space.marker(simple).nodes().size();
    }
  }
  CHECK(atoms_after < atoms_before);
}

TEST_CASE("deciding extras agrees with evaluation") {
  MarkerSpace space;
  test::Random random(test::property_seed() + 2);
  const std::vector<pep::Name> x{name("x")}, y{name("y")}, x_y{name("x"), name("y")};
  for (unsigned i = 0; i < test::property_cases(60); ++i) {
    const std::string text = test::random_marker_text(random, {.extras = true}, 3);
    CAPTURE(text);
    const MarkerSet set = space.of(marker(text));
    const MarkerSet none = space.without_extras(set);
    const MarkerSet only_x = space.without_extras(space.with_extra(set, x.front(), true));
    const MarkerSet only_y =
        space.without_extras(space.with_extra(space.with_extra(set, x.front(), false), y.front(), true));
    const MarkerSet all = space.with_extra(space.with_extra(set, x.front(), true), y.front(), true);
    for (const pep::Environment& environment : test::environment_grid(kPythons)) {
      const auto holds = [&](MarkerSet in, std::span<const pep::Name> extras) {
        return space.contains(in, {.environment = environment, .extras = extras});
      };
      REQUIRE(holds(none, x_y) == holds(set, {}));
      REQUIRE(holds(only_x, {}) == holds(set, x));
      REQUIRE(holds(only_y, {}) == holds(set, y));
      REQUIRE(holds(all, {}) == holds(set, x_y));
    }
  }
}

TEST_CASE("Requires-Python as a set: whole, and its lower bounds") {
  MarkerSpace space;
  for (const char* const text :
       {">=3.8", ">=3.9.2", ">3.9", "<3.12", ">=3.8,<3.11", "~=3.9", "~=3.10.4", "==3.11.*", "!=3.10.*", "==3.11",
        ">=3.8,!=3.9.2", ">=3.8,!=3.9.*,!=3.10.*,<4", "<=3.11", ">=3", "", ">=3.11rc1", "<3.12.0a1"}) {
    CAPTURE(text);
    const auto specifiers = pep::SpecifierSet::parse(text).value();
    const MarkerSet whole = space.of_python(specifiers), lower = space.of_python(specifiers, true);
    CHECK(space.implies(whole, lower));
    for (const std::string_view python : kPythons) {
      CAPTURE(std::string(python));
      const pep::Environment environment = test::environment_on("linux", "x86_64", std::string(python));
      const pep::Version version = pep::Version::parse(python).value();
      CHECK(space.contains(whole, {.environment = environment}) == specifiers.contains(version));
      bool above = true;
      for (const pep::Specifier& part : specifiers.parts()) {
        using enum pep::Operator;
        if (part.op == greater) above = above && part.contains(version);
        if (part.op == greater_equal || part.op == compatible || part.op == equal)
          above = above && version >= part.version;
      }
      CHECK(space.contains(lower, {.environment = environment}) == above);
    }
  }
}

TEST_CASE("known platforms hold in every environment of the grid, and rule out mixtures") {
  MarkerSpace space;
  const MarkerSet known = space.known_platforms();
  for (const pep::Environment& environment : test::environment_grid(kPythons))
    CHECK(space.contains(known, {.environment = environment}));
  for (const char* const text :
       {"os_name == 'nt' and sys_platform == 'darwin'", "sys_platform == 'linux' and platform_system == 'Windows'",
        "sys_platform == 'win32' and os_name == 'posix'", "os_name == 'nt' and sys_platform != 'win32'",
        "implementation_name == 'pypy' and platform_python_implementation == 'CPython'"})
    CHECK(space.disjoint(known, space.of(marker(text))));
  for (const char* const text : {"os_name == 'posix' and sys_platform == 'cygwin'", "sys_platform == 'freebsd14'",
                                 "platform_system == 'Java'", "implementation_name == 'graalpy'"})
    CHECK(!space.disjoint(known, space.of(marker(text))));
}

TEST_CASE("markers are simplified to what a reader expects") {
  struct Row {
    const char *marker, *assumption, *expected;
  };
  for (const Row& row : {
           Row{"python_version >= '3.8' and python_version >= '3.10'", "", "python_version >= \"3.10\""},
           Row{"sys_platform == 'win32' or sys_platform != 'win32'", "", ""},
       }) {
    CAPTURE(row.marker);
    CAPTURE(row.assumption);
    if (row.assumption[0] == '\0') {
      MarkerSpace space;
      CHECK(space.marker(space.of(marker(row.marker))).to_string() == row.expected);
    } else {
      CHECK(simplified(row.marker, row.assumption) == row.expected);
    }
  }
}
