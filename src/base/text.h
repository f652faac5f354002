#pragma once
// Small text tools: cat, quote, split, trim, join, ASCII case, edit distance, printable output.

#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pkg {

namespace text_detail {
inline void append(std::string& out, std::string_view piece) { out.append(piece); }
inline void append(std::string& out, char piece) { out.push_back(piece); }
template <std::integral T>
requires(!std::same_as<T, char> && !std::same_as<T, bool>) void append(std::string& out, T number) {
  char buffer[24];
  const auto [end, failed] = std::to_chars(buffer, buffer + sizeof buffer, number);
  out.append(buffer, end);
}
inline std::size_t least_size(std::string_view piece) { return piece.size(); }
template <class T>
requires std::integral<T> std::size_t least_size(T) { return 1; }
}  // namespace text_detail

// The pieces one after the other: text, single characters, integers.
template <class... Pieces>
std::string cat(const Pieces&... pieces) {
  std::string out;
  out.reserve((std::size_t{0} + ... + text_detail::least_size(pieces)));
  (text_detail::append(out, pieces), ...);
  return out;
}
template <class... Pieces>
void append(std::string& out, const Pieces&... pieces) {
  (text_detail::append(out, pieces), ...);
}

// `text` in backticks, control and invalid UTF-8 bytes made visible (\x1b): safe to show.
std::string quote(std::string_view text);
// The same without the backticks. The only way by which foreign text reaches a terminal.
std::string printable(std::string_view text);

bool is_ascii_space(char c);  // space, \t \n \v \f \r
bool is_ascii_digit(char c);
bool is_ascii_alpha(char c);
bool is_ascii_alnum(char c);
char to_ascii_lower(char c);
std::string to_ascii_lower(std::string_view text);
bool equals_ignoring_case(std::string_view a, std::string_view b);  // ASCII

std::string_view trim(std::string_view text);  // ASCII white space at both ends
std::vector<std::string_view> split(std::string_view text,
                                    char separator);  // "" gives one empty piece; views into `text`
std::vector<std::string_view> split_lines(
    std::string_view text);  // at \n, \r\n or \r; no empty piece after a final newline
std::vector<std::string_view> split_words(std::string_view text);  // at runs of ASCII white space
std::string join(std::span<const std::string> pieces, std::string_view separator);
std::string replace_all(std::string_view text, std::string_view from, std::string_view to);

// The whole of `text` as a decimal number; nullopt when it is none or does not fit.
std::optional<std::uint64_t> parse_u64(std::string_view text);

// Damerau-Levenshtein distance, for "did you mean"; stops at `limit` (returns limit + 1).
std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t limit = 8);
// The candidate nearest to `word`, when near enough to be a slip of the finger.
std::optional<std::string> nearest(std::string_view word, std::span<const std::string> candidates);

bool is_valid_utf8(std::string_view text);

}  // namespace pkg
