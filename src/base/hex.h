#pragma once
// Hexadecimal digits.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace pkg::hex {

inline constexpr std::string_view kLower = "0123456789abcdef", kUpper = "0123456789ABCDEF";

namespace detail {
inline constexpr std::array<std::int8_t, 256> kValues = [] {
  std::array<std::int8_t, 256> table{};
  table.fill(-1);
  for (std::size_t i = 0; i < 16; ++i)
    for (const auto digits : {kLower, kUpper})
      table[static_cast<unsigned char>(digits[i])] = static_cast<std::int8_t>(i);
  return table;
}();
}  // namespace detail

// 0 to 15; -1: no such digit.
inline int value(char c) { return detail::kValues[static_cast<unsigned char>(c)]; }

// The two digits of a byte.
inline void append_byte(std::string& out, unsigned char byte, std::string_view digits) {
  out.push_back(digits[byte >> 4]);
  out.push_back(digits[byte & 15]);
}

// At least one digit and nothing else.
inline bool is_hex(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return value(c) >= 0; });
}

// As pkg itself writes so many digits: in lower case.
inline bool is_lower(std::string_view text, std::size_t digits) {
  return text.size() == digits && text.find_first_not_of(kLower) == std::string_view::npos;
}

}  // namespace pkg::hex
