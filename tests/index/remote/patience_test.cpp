#include "index/remote/patience.h"

#include <doctest/doctest.h>

namespace pkg::index {
namespace {

using enum Patience::Outcome;

}  // namespace

TEST_CASE("answers in time cost nothing, however many") {
  Patience patience(3);
  double now = 100;
  for (int i = 0; i < 10'000; ++i) {
    REQUIRE(patience.begin(now));
    now += 0.015;
    CHECK_FALSE(patience.end(answered, now));
  }
  CHECK(patience.lost_s() < 0.1);
  CHECK_FALSE(patience.is_over());
}

TEST_CASE("three failures in a row are the end, said once; an answer between them is not") {
  Patience patience(3);
  for (const auto outcome : {failed, failed, answered, failed, failed}) {
    REQUIRE(patience.begin(1));
    CHECK_FALSE(patience.end(outcome, 1));
  }
  REQUIRE(patience.begin(1));
  REQUIRE(patience.begin(1));
  CHECK(patience.end(failed, 1));
  CHECK_FALSE(patience.end(failed, 1));
  CHECK(patience.is_over());
  CHECK_FALSE(patience.begin(1));
}

TEST_CASE("waiting in vain is counted once for all who wait at a time") {
  Patience patience(3);
  for (int i = 0; i < 50; ++i) REQUIRE(patience.begin(10));
  CHECK_FALSE(patience.end(failed, 12));
  CHECK(patience.lost_s() == doctest::Approx(2));
  CHECK_FALSE(patience.end(failed, 12));
  CHECK(patience.end(failed, 12));  // the third
}

TEST_CASE("a slow answer is the end while it is still coming") {
  Patience patience(3);
  REQUIRE(patience.begin(0));
  CHECK(patience.took(1000, 1));
  CHECK(patience.took(1000, 2.9));
  CHECK_FALSE(patience.took(1000, 3.1));
  CHECK(patience.end(failed, 3.1));
}

TEST_CASE("a large answer has the time that its bytes take, and saves none up for the next") {
  Patience patience(3);
  REQUIRE(patience.begin(0));
  CHECK(patience.took(40u << 20, 10));
  CHECK(patience.took(200u << 20, 11));  // far ahead of its rate
  CHECK_FALSE(patience.end(answered, 11));
  REQUIRE(patience.begin(20));
  CHECK(patience.took(1, 22.9));
  CHECK_FALSE(patience.took(1, 23.2));
}

TEST_CASE("what was given up stays so, and nobody is told again") {
  Patience patience(3);
  REQUIRE(patience.begin(0));
  patience.give_up();
  CHECK_FALSE(patience.end(failed, 9));
  CHECK_FALSE(patience.begin(9));
}

}  // namespace pkg::index
