#include "base/text.h"

#include <doctest/doctest.h>

using namespace pkg;

TEST_CASE("pieces are put together as text and decimal numbers") {
  CHECK(cat("a", 'b', 12, std::string("c"), -3, std::uint64_t{18446744073709551615u}) == "ab12c-318446744073709551615");
  CHECK(cat() == "");
}

TEST_CASE("foreign text is made printable") {
  const std::pair<std::string, std::string> rows[] = {
      {"plain ü 漢 🙂", "plain ü 漢 🙂"},
      {"\x1b[31m", "\\x1b[31m"},
      {"a\nb\tc\r", "a\\x0ab\\x09c\\x0d"},
      {"\x7f", "\\x7f"},
      {"\xc2\x9b", "\\u{9b}"},  // C1: CSI
      {"\xe2\x80\xae"
       "x",
       "\\u{202e}x"},  // right-to-left override
      {"\xe2\x81\xa6", "\\u{2066}"},
      {"\xe2\x81\xa9", "\\u{2069}"},
      {"\xff\xfe", "\\xff\\xfe"},
      {"\xed\xa0\x80", "\\xed\\xa0\\x80"},  // surrogate
      {"\xc0\x80", "\\xc0\\x80"},           // overlong
      {"\xe2\x82", "\\xe2\\x82"},           // cut off
      {std::string("\0", 1), "\\x00"},
      {"\u200b\u200d\ufeff\u2028\u2029\u061c", "\\u{200b}\\u{200d}\\u{feff}\\u{2028}\\u{2029}\\u{61c}"},
      {"\u3164\u115f\u034f\ufe01", "\\u{3164}\\u{115f}\\u{34f}\\u{fe01}"},  // drawn as nothing
      {"\U000e0041\U000e0101", "\\u{e0041}\\u{e0101}"},                     // tags, selectors
      {"\u2764\ufe0f עברית العربية ไทย हिन्दी \u0600", "\u2764\ufe0f עברית العربية ไทย हिन्दी \u0600"},
  };
  for (const auto& [text, expected] : rows) CHECK(printable(text) == expected);
  CHECK(quote("a\x1b") == "`a\\x1b`");
}

TEST_CASE("texts are split and joined") {
  using Pieces = std::vector<std::string_view>;
  CHECK(split("", ',') == Pieces{""});
  CHECK(split("a,,b,", ',') == Pieces{"a", "", "b", ""});
  CHECK(split_lines("a\r\nb\rc\n\nd\n") == Pieces{"a", "b", "c", "", "d"});
  CHECK(split_lines("").empty());
  CHECK(split_words("  a \t b\n") == Pieces{"a", "b"});
  CHECK(split_words(" ").empty());
  CHECK(join(std::vector<std::string>{"a", "b"}, ", ") == "a, b");
  CHECK(trim(" \t a b\n") == "a b");
  CHECK(trim(" \n") == "");
  CHECK(replace_all("aXbXX", "X", "--") == "a--b----");
  CHECK(replace_all("abc", "", "-") == "abc");
}

TEST_CASE("case is that of ASCII only") {
  CHECK(to_ascii_lower("AbÜ") == "abÜ");
  CHECK(equals_ignoring_case("Abc", "aBC"));
  CHECK_FALSE(equals_ignoring_case("abc", "abcd"));
}

TEST_CASE("numbers are decimal, whole and fit") {
  CHECK(parse_u64("0") == 0);
  CHECK(parse_u64("007") == 7);
  CHECK(parse_u64("18446744073709551615") == UINT64_MAX);
  for (const auto* text : {"", "18446744073709551616", "-1", "+1", " 1", "1 ", "0x1"})
    CHECK_FALSE(parse_u64(text).has_value());
}

TEST_CASE("the edit distance counts swapped neighbours once and stops at its limit") {
  CHECK(edit_distance("install", "install") == 0);
  CHECK(edit_distance("install", "isntall") == 1);
  CHECK(edit_distance("kitten", "sitting") == 3);
  CHECK(edit_distance("", "abc") == 3);
  CHECK(edit_distance("abcdefghijkl", "mnopqrstuvwx", 4) == 5);
}

TEST_CASE("the nearest candidate is found only when it is near") {
  const std::vector<std::string> verbs = {"install", "uninstall", "list", "lock"};
  CHECK(nearest("instal", verbs) == "install");
  CHECK(nearest("lsit", verbs) == "list");
  CHECK_FALSE(nearest("xyzzy", verbs).has_value());
  CHECK_FALSE(nearest("", verbs).has_value());
}

TEST_CASE("UTF-8 is checked strictly") {
  CHECK(is_valid_utf8("aü漢🙂"));
  for (const std::string text : {"\xff", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "a\x80"})
    CHECK_FALSE(is_valid_utf8(text));
}
