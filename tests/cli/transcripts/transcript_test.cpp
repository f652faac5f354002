#include "transcript.h"

#include <doctest/doctest.h>

#include <stdexcept>

using namespace pkg::test;

TEST_CASE("a transcript is set-up and steps, in order") {
  const auto entries = parse_transcript(
      "# why\n\nfile a.txt\n  one\n\n    two\n\n$ pkg 'a b' \"[ROOT]/c\"\nout\n\nstderr:\nerr\nexit 2\n$ pkg\n", "/r");
  REQUIRE(entries.size() == 3);
  CHECK(entries[0].words == std::vector<std::string>{"file", "a.txt"});
  CHECK(entries[0].block == "one\n\n  two\n");
  CHECK(entries[1].words == std::vector<std::string>{"pkg", "a b", "/r/c"});
  REQUIRE(entries[1].expected.has_value());
  CHECK(entries[1].expected->out == "out\n\n");
  CHECK(entries[1].expected->err == "err\n");
  CHECK(entries[1].expected->exit_code == 2);
  CHECK_FALSE(entries[2].expected.has_value());
}

TEST_CASE("what was expected is written as it is read") {
  const Outcome outcome{"a\n", "b\n", 1};
  const auto entries = parse_transcript("$ pkg\n" + expectation_text(outcome), "/r");
  REQUIRE(entries[0].expected.has_value());
  CHECK(entries[0].expected->out == outcome.out);
  CHECK(entries[0].expected->err == outcome.err);
  CHECK(entries[0].expected->exit_code == 1);
}

TEST_CASE("what is no transcript is told with its line") {
  CHECK_THROWS_WITH_AS(parse_transcript("\n$ pkg 'a\n", ""), "line 2: a quotation that does not end",
                       std::runtime_error);
  CHECK_THROWS_WITH_AS(parse_transcript("$ pkg\nout\n", ""), "line 1: a step without `exit N`", std::runtime_error);
}

TEST_CASE("placeholders match what they stand for, and no more") {
  const std::string hash(64, 'a');
  CHECK(matches("in [TIME] ([TIME])", "in 12ms (1.50s)"));
  CHECK(matches("\"seconds\": [TIME],", "\"seconds\": 1.5e-05,"));
  CHECK_FALSE(matches("in [TIME]", "in time"));
  CHECK(matches("sha256:[HASH]!", "sha256:" + hash + "!"));
  CHECK_FALSE(matches("sha256:[HASH]", "sha256:abc"));
  CHECK(matches("a[..]c", "a b c"));
  CHECK(matches("a[..]c", "ac"));
  CHECK_FALSE(matches("a[..]c", "a b"));
  CHECK_FALSE(matches("a[..]c\n", "a\nc\n"));
  CHECK(matches("a\n[...]\nc\n", "a\nb\nb\nc\n"));
  CHECK(matches("a\n[...]\nc\n", "a\nc\n"));
  CHECK_FALSE(matches("a\n[...]\nc\n", "a\nb\n"));
  CHECK_FALSE(matches("a\n", "a\nb\n"));
}

TEST_CASE("times and hashes become placeholders, numbers and versions stay") {
  const std::string hash(64, '0');
  CHECK(with_placeholders("2 packages in 1.25s (3ms), 12 files, v1.2, 5s, sha256=" + hash) ==
        "2 packages in [TIME] ([TIME]), 12 files, v1.2, 5s, sha256=[HASH]");
  CHECK(with_placeholders("\"seconds\": 0.25, \"size\": 12") == "\"seconds\": [TIME], \"size\": 12");
}
