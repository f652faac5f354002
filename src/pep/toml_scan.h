#pragma once
// Where things stand in a TOML text: headers, keys, values, the items of an array, as byte offsets. For edits that
// leave the rest alone.
//
// The text must be valid TOML (base/toml): this looks for ends, it does not judge. What it gets wrong, an edit's
// comparison finds.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace pkg::pep {

// `[a.b]` or `[[a.b]]`: bytes [begin, end).
struct ScannedHeader {
  std::vector<std::string> path;
  bool is_array = false;
  std::size_t begin = 0, end = 0;
};

// `key = value`. `path` is the table's and the key's together.
struct ScannedEntry {
  static constexpr std::size_t kNoHeader = static_cast<std::size_t>(-1);
  std::vector<std::string> path;
  std::size_t header = kNoHeader;  // index into ScannedToml::headers
  std::size_t key_begin = 0, key_end = 0;
  std::size_t value_begin = 0, value_end = 0;
};

struct ScannedToml {
  std::vector<ScannedHeader> headers;
  std::vector<ScannedEntry>
      entries;  // of all tables, in order; the insides of inline tables and arrays are not looked at
};
ScannedToml scan_toml(std::string_view text);

// An item of an array: bytes [begin, end), and its comma.
struct ScannedItem {
  static constexpr std::size_t kNoComma = static_cast<std::size_t>(-1);
  std::size_t begin = 0, end = 0, comma = kNoComma;
  bool has_comma() const { return comma != kNoComma; }
};

struct ScannedArray {
  std::size_t begin = 0, end = 0;  // with the brackets
  std::vector<ScannedItem> items;
  bool has_comment = false;
};
// Precondition: text[begin] is the '[' of an array value.
ScannedArray scan_array(std::string_view text, std::size_t begin);

// Offsets of the line that `at` is in: its first byte, and its line end ('\r' or '\n') or the text's.
std::size_t line_begin(std::string_view text, std::size_t at);
std::size_t line_end(std::string_view text, std::size_t at);
std::size_t next_line(std::string_view text, std::size_t at);  // after the line end

}  // namespace pkg::pep
