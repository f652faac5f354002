#include "pep/toml_scan.h"

#include <utility>

#include "base/toml_cursor.h"

namespace pkg::pep {
namespace {

bool is_newline(char c) { return c == '\n' || c == '\r'; }

// Reads forward over one text.
class Scanner : public toml::Cursor {
 public:
  using Cursor::Cursor;

  void skip_comment() {
    while (!ended() && !is_newline(peek())) step();
  }
  // Spaces, line ends and comments; true when there was a comment.
  bool skip_blank() {
    bool comment = false;
    while (!ended()) {
      if (peek() == '#') {
        comment = true;
        skip_comment();
      } else if (toml::is_blank(peek()) || is_newline(peek())) {
        step();
      } else {
        break;
      }
    }
    return comment;
  }

  // One value: a string, an array or inline table with everything in it, or a bare word.
  void skip_value() {
    int depth = 0;
    do {
      const char c = peek();
      if (c == '"' || c == '\'') {
        skip_string();
      } else if (c == '#' && depth > 0) {
        skip_comment();
      } else if (c == '[' || c == '{') {
        ++depth;
        step();
      } else if (c == ']' || c == '}') {
        if (depth > 0) {
          --depth;
          step();
        } else {
          return;
        }
      } else if (depth == 0) {
        while (!ended() && !is_newline(peek()) && peek() != ',' && peek() != '#' && peek() != ']' && peek() != '}')
          step();
        while (at_ > 0 && toml::is_blank(text_[at_ - 1])) --at_;
      } else {
        step();
      }
    } while (depth > 0 && !ended());
  }

  // A dotted key; quotes are taken off, escapes are left as they are.
  std::vector<std::string> key() {
    std::vector<std::string> parts;
    while (!ended()) {
      skip_blanks();
      const auto begin = at_;
      if (peek() == '"' || peek() == '\'') {
        skip_string();
        parts.emplace_back(text_.substr(begin + 1, at_ - begin > 1 ? at_ - begin - 2 : 0));
      } else {
        while (!ended() && !toml::is_blank(peek()) && !is_newline(peek()) && peek() != '.' && peek() != '=' &&
               peek() != ']')
          step();
        parts.emplace_back(text_.substr(begin, at_ - begin));
      }
      end_of_key_ = at_;
      skip_blanks();
      if (peek() != '.') break;
      step();
    }
    return parts;
  }
  std::size_t end_of_key() const { return end_of_key_; }

 private:
  std::size_t end_of_key_ = 0;
};

ScannedHeader scan_header(Scanner& scanner) {
  ScannedHeader header;
  header.begin = scanner.at();
  header.is_array = scanner.sees("[[");
  scanner.step(header.is_array ? 2 : 1);
  header.path = scanner.key();
  while (scanner.peek() == ']') scanner.step();
  header.end = scanner.at();
  scanner.skip_blanks();
  scanner.skip_comment();
  return header;
}

}  // namespace

ScannedToml scan_toml(std::string_view text) {
  ScannedToml toml;
  Scanner scanner(text, text.starts_with("\xef\xbb\xbf") ? 3 : 0);
  for (scanner.skip_blank(); !scanner.ended(); scanner.skip_blank()) {
    if (scanner.peek() == '[') {
      toml.headers.push_back(scan_header(scanner));
      continue;
    }
    ScannedEntry entry;
    if (!toml.headers.empty()) {
      entry.header = toml.headers.size() - 1;
      entry.path = toml.headers.back().path;
    }
    entry.key_begin = scanner.at();
    auto key = scanner.key();
    entry.key_end = scanner.end_of_key();
    for (auto& part : key) entry.path.push_back(std::move(part));
    if (scanner.peek() != '=') {  // no TOML after all
      scanner.skip_comment();
      continue;
    }
    scanner.step();
    scanner.skip_blanks();
    entry.value_begin = scanner.at();
    scanner.skip_value();
    entry.value_end = scanner.at();
    scanner.skip_comment();
    toml.entries.push_back(std::move(entry));
  }
  return toml;
}

ScannedArray scan_array(std::string_view text, std::size_t begin) {
  ScannedArray array;
  array.begin = begin;
  Scanner scanner(text, begin + 1);
  while (true) {
    array.has_comment |= scanner.skip_blank();
    if (scanner.ended() || scanner.peek() == ']') break;
    if (scanner.peek() == ',') {
      if (!array.items.empty()) array.items.back().comma = scanner.at();
      scanner.step();
      continue;
    }
    ScannedItem item;
    item.begin = scanner.at();
    scanner.skip_value();
    item.end = scanner.at();
    if (item.end == item.begin) break;  // no TOML after all
    array.items.push_back(item);
  }
  scanner.step();
  array.end = scanner.at();
  return array;
}

std::size_t line_begin(std::string_view text, std::size_t at) {
  while (at > 0 && text[at - 1] != '\n') --at;
  return at;
}

std::size_t line_end(std::string_view text, std::size_t at) {
  while (at < text.size() && text[at] != '\n' && !(text[at] == '\r' && at + 1 < text.size() && text[at + 1] == '\n'))
    ++at;
  return at;
}

std::size_t next_line(std::string_view text, std::size_t at) {
  at = line_end(text, at);
  if (at < text.size() && text[at] == '\r') ++at;
  return at < text.size() ? at + 1 : at;
}

}  // namespace pkg::pep
