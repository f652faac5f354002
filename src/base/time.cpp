#include "base/time.h"

#include <array>
#include <cmath>
#include <cstdio>

#include "base/text.h"

namespace pkg::time {
namespace {

// Days since 1970-01-01 of a date of the Gregorian calendar. Years are counted from March, so that the leap day is the
// last of a year.
std::int64_t days_from_date(std::int64_t year, int month, int day) {
  if (month <= 2) --year;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146'097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719'468;
}

struct Date {
  std::int64_t year = 0;
  int month = 0, day = 0;
};

Date date_from_days(std::int64_t days) {
  days += 719'468;
  const std::int64_t era = (days >= 0 ? days : days - 146'096) / 146'097;
  const std::int64_t day_of_era = days - era * 146'097;
  const std::int64_t year_of_era = (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t shifted = (5 * day_of_year + 2) / 153;
  const int month = static_cast<int>(shifted < 10 ? shifted + 3 : shifted - 9);
  return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), month,
          static_cast<int>(day_of_year - (153 * shifted + 2) / 5 + 1)};
}

bool is_leap(int year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

int days_in_month(int year, int month) {
  constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && is_leap(year) ? 29 : kDays[static_cast<std::size_t>(month - 1)];
}

// Reads fixed-width pieces from the front of a text; after the first that does not fit, ok() is false.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}
  int number(std::size_t digits, int least, int most) {
    int value = 0;
    if (text_.size() < digits) return fail();
    for (std::size_t i = 0; i < digits; ++i) {
      if (!is_ascii_digit(text_[i])) return fail();
      value = value * 10 + (text_[i] - '0');
    }
    text_.remove_prefix(digits);
    return value < least || value > most ? fail() : value;
  }
  void expect(std::string_view piece) {
    if (text_.substr(0, piece.size()) == piece)
      text_.remove_prefix(piece.size());
    else
      fail();
  }
  bool take_one_of(std::string_view choices) {
    if (text_.empty() || choices.find(text_[0]) == std::string_view::npos) return false;
    last_ = text_[0];
    text_.remove_prefix(1);
    return true;
  }
  std::string_view letters() {
    std::size_t n = 0;
    while (n < text_.size() && is_ascii_alpha(text_[n])) ++n;
    const auto piece = text_.substr(0, n);
    text_.remove_prefix(n);
    return piece;
  }
  void skip_digits() {
    if (text_.empty() || !is_ascii_digit(text_[0])) fail();
    while (!text_.empty() && is_ascii_digit(text_[0])) text_.remove_prefix(1);
  }
  char last() const { return last_; }
  bool at_end() const { return text_.empty(); }
  bool ok() const { return ok_; }

 private:
  int fail() {
    ok_ = false;
    text_ = {};
    return 1;  // a valid month and day
  }
  std::string_view text_;
  char last_ = 0;
  bool ok_ = true;
};

std::int64_t scan_clock(Scanner& in) {
  const int hour = in.number(2, 0, 23);
  in.expect(":");
  const int minute = in.number(2, 0, 59);
  in.expect(":");
  const int second = in.number(2, 0, 60);  // a leap second
  return hour * 3600 + minute * 60 + second;
}

std::int64_t scan_offset(Scanner& in) {
  if (in.take_one_of("Zz")) return 0;
  if (!in.take_one_of("+-")) {
    in.expect("Z");
    return 0;
  }
  const int sign = in.last() == '-' ? -1 : 1;
  const int hours = in.number(2, 0, 23);
  in.expect(":");
  return sign * (hours * 3600 + in.number(2, 0, 59) * 60);
}

// A number with a decimal fraction of up to three digits, in thousandths.
std::optional<std::int64_t> thousandths(std::string_view text) {
  const auto point = text.find_first_of(".,");
  const auto whole = parse_u64(text.substr(0, point));
  if (!whole || *whole > 1'000'000'000) return std::nullopt;
  std::int64_t value = static_cast<std::int64_t>(*whole) * 1000;
  if (point == std::string_view::npos) return value;
  std::string digits(text.substr(point + 1));
  if (digits.empty() || digits.size() > 3) return std::nullopt;
  digits.resize(3, '0');
  const auto fraction = parse_u64(digits);
  if (!fraction) return std::nullopt;
  return value + static_cast<std::int64_t>(*fraction);
}

std::optional<std::int64_t> seconds_of(std::string_view number, std::int64_t unit) {
  const auto amount = thousandths(number);
  if (!amount || *amount > INT64_MAX / unit) return std::nullopt;
  return *amount * unit / 1000;
}

// ISO 8601: P1W, P3D, PT12H, P1DT30M. Years and months have no length and are refused.
std::optional<std::int64_t> parse_iso_duration(std::string_view text) {
  text.remove_prefix(1);
  std::int64_t total = 0;
  bool in_time = false;
  bool any = false;
  int previous = 0;
  while (!text.empty()) {
    if (!in_time && (text[0] == 'T' || text[0] == 't')) {
      in_time = true;
      any = false;
      text.remove_prefix(1);
      continue;
    }
    const auto length = text.find_first_not_of("0123456789.,");
    if (length == 0 || length == std::string_view::npos) return std::nullopt;
    const char unit = to_ascii_lower(text[length]);
    constexpr std::string_view kUnits = "wdhms";
    constexpr std::array<std::int64_t, 5> kSeconds = {7 * kDay, kDay, 3600, 60, 1};
    const auto which = kUnits.find(unit);
    if (which == std::string_view::npos || (which >= 2) != in_time || static_cast<int>(which) + 1 <= previous)
      return std::nullopt;
    const auto seconds = seconds_of(text.substr(0, length), kSeconds[which]);
    if (!seconds || total > INT64_MAX - *seconds) return std::nullopt;
    total += *seconds;
    previous = static_cast<int>(which) + 1;
    any = true;
    text.remove_prefix(length + 1);
  }
  return any ? std::optional(total) : std::nullopt;
}

std::optional<std::int64_t> unit_in_words(std::string_view unit) {
  struct Unit {
    std::string_view names;
    std::int64_t seconds;
  };
  constexpr std::array<Unit, 5> kUnits = {{{" s sec secs second seconds ", 1},
                                           {" m min mins minute minutes ", 60},
                                           {" h hr hrs hour hours ", 3600},
                                           {" d day days ", kDay},
                                           {" w week weeks ", 7 * kDay}}};
  const std::string padded = cat(' ', to_ascii_lower(unit), ' ');
  for (const Unit& known : kUnits)
    if (known.names.find(padded) != std::string_view::npos) return known.seconds;
  return std::nullopt;
}

}  // namespace

std::optional<std::int64_t> parse_rfc3339(std::string_view text) {
  Scanner in(text);
  const int year = in.number(4, 0, 9999);
  in.expect("-");
  const int month = in.number(2, 1, 12);
  in.expect("-");
  const int day = in.number(2, 1, days_in_month(year, in.ok() ? month : 1));
  if (!in.ok()) return std::nullopt;
  const std::int64_t midnight = days_from_date(year, month, day) * kDay;
  if (in.at_end()) return midnight;
  if (!in.take_one_of("Tt ")) return std::nullopt;
  const std::int64_t clock = scan_clock(in);
  if (in.take_one_of(".")) in.skip_digits();
  const std::int64_t offset = scan_offset(in);
  return in.ok() && in.at_end() ? std::optional(midnight + clock - offset) : std::nullopt;
}

std::string to_rfc3339(std::int64_t unix_seconds) {
  const std::int64_t days = unix_seconds >= 0 ? unix_seconds / kDay : -((-unix_seconds + kDay - 1) / kDay);
  const auto clock = static_cast<int>(unix_seconds - days * kDay);
  const Date date = date_from_days(days);
  char buffer[64];
  const int length =
      std::snprintf(buffer, sizeof buffer, "%04lld-%02d-%02dT%02d:%02d:%02dZ", static_cast<long long>(date.year),
                    date.month, date.day, clock / 3600, clock / 60 % 60, clock % 60);
  return std::string(buffer, static_cast<std::size_t>(length));
}

std::optional<std::int64_t> parse_http_date(std::string_view text) {
  constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  Scanner in(text);
  if (in.letters().size() != 3) return std::nullopt;
  in.expect(", ");
  const int day = in.number(2, 1, 31);
  in.expect(" ");
  const auto name = in.letters();
  const auto at = name.size() == 3 ? kMonths.find(name) : std::string_view::npos;
  if (at == std::string_view::npos || at % 3 != 0) return std::nullopt;
  const int month = static_cast<int>(at / 3) + 1;
  in.expect(" ");
  const int year = in.number(4, 0, 9999);
  in.expect(" ");
  const std::int64_t clock = scan_clock(in);
  in.expect(" GMT");
  if (!in.ok() || !in.at_end() || day > days_in_month(year, month)) return std::nullopt;
  return days_from_date(year, month, day) * kDay + clock;
}

std::optional<std::int64_t> parse_duration(std::string_view text) {
  text = trim(text);
  if (text.empty()) return std::nullopt;
  if (text[0] == 'P' || text[0] == 'p') return parse_iso_duration(text);
  // One or more "number unit" pairs: "1 week 2 days", "36h".
  std::int64_t total = 0;
  while (!text.empty()) {
    const auto number_end = text.find_first_not_of("0123456789.");
    if (number_end == 0 || number_end == std::string_view::npos) return std::nullopt;
    const auto number = text.substr(0, number_end);
    text = trim(text.substr(number_end));
    std::size_t unit_end = 0;
    while (unit_end < text.size() && is_ascii_alpha(text[unit_end])) ++unit_end;
    const auto unit = unit_in_words(text.substr(0, unit_end));
    if (!unit) return std::nullopt;
    const auto seconds = seconds_of(number, *unit);
    if (!seconds || total > INT64_MAX - *seconds) return std::nullopt;
    total += *seconds;
    text = trim(text.substr(unit_end));
  }
  return total;
}

Result<std::int64_t> parse_cutoff(std::string_view text, std::int64_t now_unix_seconds) {
  text = trim(text);
  if (const auto moment = parse_rfc3339(text)) return *moment;
  if (const auto duration = parse_duration(text)) return now_unix_seconds - *duration;
  return make_error(ErrorKind::usage, cat(quote(text), " is neither a date nor a duration"),
                    "write for example 2024-05-01, 2024-05-01T12:00:00Z or `7 days`");
}

std::string elapsed(double seconds) {
  char buffer[64];
  int length = 0;
  if (seconds < 0.00995)
    length = std::snprintf(buffer, sizeof buffer, "%.1fms", seconds * 1e3);
  else if (seconds < 0.9995)
    length = std::snprintf(buffer, sizeof buffer, "%.0fms", seconds * 1e3);
  else if (seconds < 59.995)
    length = std::snprintf(buffer, sizeof buffer, "%.2fs", seconds);
  else {
    const long long whole = std::llround(seconds);
    length = std::snprintf(buffer, sizeof buffer, "%lldm %02llds", whole / 60, whole % 60);
  }
  return std::string(buffer, static_cast<std::size_t>(length));
}

}  // namespace pkg::time
