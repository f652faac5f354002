#include "resolver/pubgrub/version_set.h"

#include <doctest/doctest.h>

using namespace pkg::resolver::pubgrub;

TEST_CASE("sets of versions behave as sets, whatever number of words they need") {
  for (const std::uint32_t bits : {1U, 2U, 63U, 64U, 65U, 128U, 200U, 5000U}) {
    CAPTURE(bits);
    SetArena arena;
    VersionSet full = arena.full(bits), empty = arena.empty(bits);
    CHECK(full.is_full());
    CHECK(empty.is_empty());
    CHECK(full.count() == bits);
    CHECK(full.has_absent());
    CHECK(empty.is_subset_of(full));
    CHECK(empty.is_disjoint_from(full));
    CHECK(full.is_single() == (bits == 1));

    VersionSet last = arena.empty(bits);
    last.insert(bits - 1);
    CHECK(last.is_single());
    CHECK(last.first() == bits - 1);
    CHECK(!last.last());  // "absent" is no version
    VersionSet rest = arena.copy(last);
    rest.complement();
    CHECK(rest.count() == bits - 1);
    CHECK(rest.is_disjoint_from(last));
    rest.unite(last);
    CHECK(rest.equals(full));
    CHECK(rest.hash() == full.hash());
    rest.subtract(full);
    CHECK(rest.is_empty());
    rest.insert_range(bits / 3, bits);
    CHECK(rest.count() == bits - bits / 3);
    CHECK(rest.first() == bits / 3);
  }
}

TEST_CASE("an arena gives back what was taken after a mark, and copies are independent") {
  SetArena arena;
  VersionSet kept = arena.full(70);
  const auto mark = arena.mark();
  for (int i = 0; i < 10000; ++i) arena.full(700);
  arena.release(mark);
  VersionSet next = arena.empty(70);
  CHECK(kept.is_full());
  CHECK(next.is_empty());
  VersionSet copy = arena.copy(kept);
  copy.erase(3);
  CHECK(kept.contains(3));
}

TEST_CASE("values are found from both ends") {
  SetArena arena;
  VersionSet set = arena.empty(200);
  for (const Value value : {3U, 64U, 130U, 199U}) set.insert(value);
  CHECK(set.first(0) == 3U);
  CHECK(set.first(4) == 64U);
  CHECK(set.first(131) == 199U);
  CHECK(set.first(200) == std::nullopt);
  VersionSet whole_words = arena.empty(64);
  arena.full(64);  // what lies behind it in memory is no value of it
  CHECK(whole_words.first(64) == std::nullopt);
  CHECK(set.last() == 130U);
  CHECK(set.last_below(130) == 64U);
  CHECK(set.last_below(64) == 3U);
  CHECK(set.last_below(3) == std::nullopt);
  CHECK(set.last_below(0) == std::nullopt);
}
