#include "base/time.h"

#include <doctest/doctest.h>

using namespace pkg;

TEST_CASE("moments are read in RFC 3339") {
  const std::pair<const char*, std::int64_t> rows[] = {{"1970-01-01T00:00:00Z", 0},
                                                       {"1970-01-01", 0},
                                                       {"2024-05-01T12:30:00.25Z", 1714566600},
                                                       {"2024-05-01t12:30:00z", 1714566600},
                                                       {"2024-05-01 14:30:00+02:00", 1714566600},
                                                       {"2024-02-29", 1709164800},
                                                       {"1969-12-31T23:59:59Z", -1},
                                                       {"9999-12-31T23:59:59Z", 253402300799}};
  for (const auto& [text, seconds] : rows) {
    CAPTURE(text);
    CHECK(time::parse_rfc3339(text) == seconds);
    CHECK(time::parse_rfc3339(time::to_rfc3339(seconds)) == seconds);
  }
  CHECK(time::to_rfc3339(1714566600) == "2024-05-01T12:30:00Z");
  CHECK(time::to_rfc3339(-1) == "1969-12-31T23:59:59Z");
}

TEST_CASE("what is no moment is none") {
  for (const auto* text : {"", "2024", "2024-13-01", "2024-00-01", "2023-02-29", "2024-05-01T12:30",
                           "2024-05-01T12:30:00", "2024-05-01T24:00:00Z", "2024-05-01T12:30:00Zx",
                           "2024-05-01T12:30:00.Z", "2024-05-01x", "24-05-01", "2024-05-01T12:30:00+0200"}) {
    CAPTURE(text);
    CHECK_FALSE(time::parse_rfc3339(text).has_value());
  }
}

TEST_CASE("HTTP dates are IMF-fixdates") {
  CHECK(time::parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT") == 784111777);
  for (const auto* text : {"", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
                           "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 anF 1994 08:49:37 GMT"})
    CHECK_FALSE(time::parse_http_date(text).has_value());
}

TEST_CASE("durations are words or ISO 8601") {
  const std::pair<const char*, std::int64_t> rows[] = {
      {"7 days", 604800}, {"1 week", 604800}, {"36h", 129600},  {"30 minutes", 1800},      {"P3D", 259200},
      {"PT12H", 43200},   {"P1DT30M", 88200}, {"P2W", 1209600}, {"1 week 2 days", 777600}, {"1.5h", 5400},
      {"PT0.5H", 1800},   {"90 s", 90},       {"0 days", 0}};
  for (const auto& [text, seconds] : rows) {
    CAPTURE(text);
    CHECK(time::parse_duration(text) == seconds);
  }
  for (const auto* text : {"", "days", "7", "P", "PT", "P1M", "P1Y", "P3DT", "PT1D", "P1D2W", "-1 day", "7 fortnights",
                           "99999999999999999999 days"}) {
    CAPTURE(text);
    CHECK_FALSE(time::parse_duration(text).has_value());
  }
}

TEST_CASE("a cut-off is a date or a duration before now") {
  CHECK(time::parse_cutoff("2024-05-01", 0).value() == 1714521600);
  CHECK(time::parse_cutoff("1 day", 100'000).value() == 13'600);
  const auto refused = time::parse_cutoff("yesterday", 0);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().kind == ErrorKind::usage);
  CHECK(refused.error().message == "`yesterday` is neither a date nor a duration");
}

TEST_CASE("elapsed time is written for people") {
  const std::pair<double, const char*> rows[] = {
      {0.0004, "0.4ms"}, {0.0099, "9.9ms"}, {0.014, "14ms"},    {0.9994, "999ms"}, {0.9999, "1.00s"},
      {1.05, "1.05s"},   {59.99, "59.99s"}, {59.999, "1m 00s"}, {123, "2m 03s"},   {7200, "120m 00s"}};
  for (const auto& [seconds, text] : rows) CHECK(time::elapsed(seconds) == text);
}
