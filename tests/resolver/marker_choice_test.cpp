// Conflicting extras as one variable: what can be selected, and that sets over them behave like sets of booleans within
// what can be selected.

#include "resolver/marker_choice.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "base/text.h"
#include "resolver/marker_space.h"
#include "support/markers.h"
#include "support/printers.h"
#include "support/random_marker.h"

using namespace pkg;
using resolver::ChoiceGroup;
using resolver::MarkerSet;
using resolver::MarkerSpace;

namespace {

pep::Name name(std::string_view text) { return pep::Name::parse(text).value(); }

// "a b, b c, group:g c" as sets of memberships.
std::vector<std::vector<pep::MarkerAtom>> sets_of(std::string_view text) {
  std::vector<std::vector<pep::MarkerAtom>> sets;
  for (const std::string_view set : split(text, ',')) {
    auto& atoms = sets.emplace_back();
    for (const std::string_view item : split(trim(set), ' ')) {
      const bool is_group = item.starts_with("group:");
      const pep::Marker marker =
          is_group ? pep::in_dependency_groups(name(item.substr(6))) : pep::in_extras(name(item));
      atoms.push_back(marker.nodes()[0].atom);
    }
  }
  return sets;
}

std::string groups_text(std::string_view sets) {
  std::string text;
  for (const ChoiceGroup& group : resolver::choice_groups(sets_of(sets))) {
    append(text, text.empty() ? "" : "; ");
    if (!group.is_whole) {
      append(text, group.members.size(), " members, too many selections");
      continue;
    }
    for (const auto& selection : group.selections) {
      append(text, text.empty() || text.ends_with(' ') ? "" : " ");
      for (const std::uint32_t member : selection) append(text, group.members[member].literal);
    }
  }
  return text;
}

using test::marker;

std::string written(std::string_view sets, std::string_view text) {
  MarkerSpace space;
  space.at_most_one_of(sets_of(sets));
  const MarkerSet set = space.of(marker(text));
  return set == MarkerSpace::kNone ? "never" : space.marker(set).to_string();
}

std::string random_text(test::Random& random, int depth) {
  if (depth > 0 && !random.one_in(4))
    return cat("(", random_text(random, depth - 1), random.one_in(2) ? ") and (" : ") or (",
               random_text(random, depth - 1), ")");
  if (random.one_in(3)) return cat("sys_platform ", random.one_in(2) ? "==" : "!=", " 'linux'");
  return cat("'", std::string(1, static_cast<char>('a' + random.below(5))), "' ", random.one_in(3) ? "not " : "",
             "in extras");
}

}  // namespace

TEST_CASE("what can be selected: one of a set, and of joined sets what no set forbids") {
  CHECK(groups_text("a b c") == "a b c");
  CHECK(groups_text("c a, b d") == "a c; b d");
  CHECK(groups_text("a b, b c") == "a b c ac");
  CHECK(groups_text("a b, b c, c d") == "a b c d ac ad bd");
  CHECK(groups_text("a group:g") == "a g");
  CHECK(groups_text("a, b c") == "b c");
  CHECK(groups_text("h a, h b, h c, h d, h e, h f, h g") == "8 members, too many selections");
}

TEST_CASE("sets over conflicting extras agree with booleans wherever the extras can be selected") {
  for (const char* const sets : {"a b", "a b c d e", "a b, c d", "a b, b c", "a b, b c, c d, d e", "a b, a c, a d"}) {
    CAPTURE(sets);
    test::Random random(test::property_seed());
    for (unsigned i = 0; i < test::property_cases(60); ++i) {
      const std::string text = random_text(random, 3);
      CAPTURE(text);
      MarkerSpace space;
      const MarkerSet allowed = space.at_most_one_of(sets_of(sets));
      CHECK(allowed == MarkerSpace::kAll);
      const pep::Marker given = marker(text);
      const MarkerSet set = space.of(given);
      std::string printed = "never";
      if (set != MarkerSpace::kNone) {
        printed = space.marker(set).to_string();
        if (set != MarkerSpace::kAll) REQUIRE(space.of(marker(printed)) == set);
      }
      CAPTURE(printed);
      for (unsigned bits = 0; bits < 32; ++bits) {
        std::vector<pep::Name> extras;
        for (unsigned k = 0; k < 5; ++k)
          if ((bits >> k & 1) != 0) extras.push_back(name(std::string(1, static_cast<char>('a' + k))));
        const pep::Environment environment = test::environment_on("linux", "x86_64", "3.12.1");
        const pep::MarkerContext context{.environment = environment, .lock_extras = extras, .is_lock_file = true};
        bool can_be = true;
        for (const auto& exclusive : sets_of(sets)) {
          int selected = 0;
          for (const pep::MarkerAtom& atom : exclusive)
            selected += pep::Marker::from_nodes({{.atom = atom}}).evaluate(context) ? 1 : 0;
          can_be = can_be && selected < 2;
        }
        if (!can_be) continue;
        REQUIRE(space.contains(set, context) == given.evaluate(context));
        if (printed != "never" && set != MarkerSpace::kAll)
          REQUIRE(marker(printed).evaluate(context) == given.evaluate(context));
      }
    }
  }
}

TEST_CASE("conflicting extras are written by their names") {
  CHECK(written("a b c", "'a' in extras") == R"("a" in extras)");
  CHECK(written("a b c", "'a' in extras and 'b' in extras") == "never");
  CHECK(written("a b c", "'c' in extras or 'a' in extras") == R"("a" in extras or "c" in extras)");
  CHECK(written("a b c", "'a' not in extras and 'b' not in extras") == R"("a" not in extras and "b" not in extras)");
  CHECK(written("a b, b c", "'a' in extras and 'c' in extras") == R"("a" in extras and "c" in extras)");
  CHECK(written("a b, b c", "'b' not in extras") == R"("b" not in extras)");
  CHECK(written("a b, c d", "('a' in extras or 'd' in extras) and os_name == 'nt'") ==
        R"("a" in extras and os_name == "nt" or "d" in extras and os_name == "nt")");
}

TEST_CASE("where selections are too many to count out, what is left says which exclude each other") {
  MarkerSpace space;
  const MarkerSet allowed = space.at_most_one_of(sets_of("h a, h b, h c, h d, h e, h f, h g"));
  const auto extras = [&](const char* text) { return space.of(marker(text)); };
  CHECK(space.disjoint(allowed, extras("'h' in extras and 'g' in extras")));
  CHECK(!space.disjoint(allowed, extras("'a' in extras and 'g' in extras")));
}

TEST_CASE("a conflict set costs a node for each of its members, and independent sets do not multiply") {
  MarkerSpace space;
  std::string one;
  for (int i = 0; i < 200; ++i) append(one, i == 0 ? "" : " ", "m", i);
  CHECK(space.at_most_one_of(sets_of(one)) == MarkerSpace::kAll);
  MarkerSet any = MarkerSpace::kNone;
  for (int i = 0; i < 200; ++i) any = space.either(any, space.of(marker(cat("'m", i, "' in extras"))));
  CHECK(space.size() < 600);
  std::string pairs;
  for (int i = 0; i < 20; ++i) append(pairs, i == 0 ? "" : ", ", "x", i, " y", i);
  MarkerSpace second;
  CHECK(second.at_most_one_of(sets_of(pairs)) == MarkerSpace::kAll);
}
