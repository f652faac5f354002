#pragma once
// RFC 3339 and unix seconds, durations in words. Never reads the clock: "now" is a parameter.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pkg::time {

inline constexpr std::int64_t kDay = 86'400;  // seconds

// "2024-05-01T12:30:00.25Z", with offset, or a bare date (midnight UTC). Fractions are cut off.
std::optional<std::int64_t> parse_rfc3339(std::string_view text);
std::string to_rfc3339(std::int64_t unix_seconds);                   // "2024-05-01T12:30:00Z"
std::optional<std::int64_t> parse_http_date(std::string_view text);  // IMF-fixdate
// "7 days", "36h", "P3D", "PT12H", "1 week": seconds.
std::optional<std::int64_t> parse_duration(std::string_view text);
// A cut-off given as date, date-time or duration before `now`. usage: it is none of them.
Result<std::int64_t> parse_cutoff(std::string_view text, std::int64_t now_unix_seconds);
// How long something took, for people: "0.4ms", "14ms", "1.05s", "2m 03s".
std::string elapsed(double seconds);

}  // namespace pkg::time
