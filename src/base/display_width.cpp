#include "base/display_width.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace pkg {
namespace {

struct Range {
  char32_t first, last;
};

// Whole blocks, wider than what Unicode's East Asian Width calls W or F (UAX #11): some terminals go by blocks too.
constexpr auto kWide = std::to_array<Range>({{0x1100, 0x115F},
                                             {0x2300, 0x23FF},
                                             {0x2600, 0x27BF},
                                             {0x2B00, 0x2BFF},
                                             {0x2E80, 0xA4CF},
                                             {0xA960, 0xA97F},
                                             {0xAC00, 0xD7A3},
                                             {0xF900, 0xFAFF},
                                             {0xFE10, 0xFE1F},
                                             {0xFE30, 0xFE6F},
                                             {0xFF01, 0xFF60},
                                             {0xFFE0, 0xFFE6},
                                             {0x16FE0, 0x18FFF},
                                             {0x1B000, 0x1B2FF},
                                             {0x1F000, 0x1FAFF},
                                             {0x20000, 0x3FFFD}});
constexpr auto kCombining = std::to_array<Range>({{0x0300, 0x036F}, {0x1AB0, 0x1AFF}, {0x20D0, 0x20FF}});

template <std::size_t N>
bool is_in(const std::array<Range, N>& ranges, char32_t code) {
  const auto after = std::ranges::upper_bound(ranges, code, {}, &Range::first);
  return after != ranges.begin() && code <= std::prev(after)->last;
}

struct Character {
  std::size_t bytes = 1, columns = 1;
};

Character first_character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t lead = byte(0);
  const std::size_t bytes = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (bytes == 1 || bytes > text.size()) return {};
  char32_t code = lead & (0xFFu >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {};
    code = code << 6 | (byte(i) & 0x3Fu);
  }
  return {bytes, is_in(kCombining, code) ? 0u : is_in(kWide, code) ? 2u : 1u};
}

}  // namespace

std::size_t most_columns(std::string_view text) {
  std::size_t columns = 0;
  while (!text.empty()) {
    const auto one = first_character(text);
    columns += one.columns;
    text.remove_prefix(one.bytes);
  }
  return columns;
}

std::string cut_to_columns(std::string_view text, std::size_t columns) {
  std::size_t used = 0, end = 0, end_with_mark = 0;
  while (end < text.size()) {
    const auto one = first_character(text.substr(end));
    if (used + one.columns > columns)
      return columns == 0 ? std::string() : std::string(text.substr(0, end_with_mark)) + "…";
    used += one.columns;
    end += one.bytes;
    if (used < columns) end_with_mark = end;
  }
  return std::string(text);
}

}  // namespace pkg
