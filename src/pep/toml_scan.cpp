#include "pep/toml_scan.h"

#include <utility>

namespace pkg::pep {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t'; }
bool is_newline(char c) { return c == '\n' || c == '\r'; }

// Reads forward over one text; never past its end.
class Scanner {
 public:
  explicit Scanner(std::string_view text, std::size_t at = 0) : text_(text), at_(at) {}

  std::size_t at() const { return at_; }
  bool ended() const { return at_ >= text_.size(); }
  char peek() const { return ended() ? '\0' : text_[at_]; }
  bool sees(std::string_view what) const { return text_.substr(at_, what.size()) == what; }
  void step(std::size_t bytes = 1) { at_ = std::min(at_ + bytes, text_.size()); }

  void skip_spaces() {
    while (is_space(peek())) step();
  }
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
      } else if (is_space(peek()) || is_newline(peek())) {
        step();
      } else {
        break;
      }
    }
    return comment;
  }

  void skip_string() {
    const char quote = peek();
    const std::string three(3, quote);
    const bool is_long = sees(three);
    step(is_long ? 3 : 1);
    while (!ended()) {
      if (peek() == '\\' && quote == '"') {
        step(2);
      } else if (is_long && sees(three)) {
        step(3);
        for (int extra = 0; extra < 2 && peek() == quote; ++extra) step();  // """" ends with a quote of its own
        return;
      } else if (!is_long && (peek() == quote || is_newline(peek()))) {
        step();
        return;
      } else {
        step();
      }
    }
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
        while (at_ > 0 && is_space(text_[at_ - 1])) --at_;
      } else {
        step();
      }
    } while (depth > 0 && !ended());
  }

  // A dotted key; quotes are taken off, escapes are left as they are.
  std::vector<std::string> key() {
    std::vector<std::string> parts;
    while (!ended()) {
      skip_spaces();
      const auto begin = at_;
      if (peek() == '"' || peek() == '\'') {
        skip_string();
        parts.emplace_back(text_.substr(begin + 1, at_ - begin > 1 ? at_ - begin - 2 : 0));
      } else {
        while (!ended() && !is_space(peek()) && !is_newline(peek()) && peek() != '.' && peek() != '=' && peek() != ']')
          step();
        parts.emplace_back(text_.substr(begin, at_ - begin));
      }
      end_of_key_ = at_;
      skip_spaces();
      if (peek() != '.') break;
      step();
    }
    return parts;
  }
  std::size_t end_of_key() const { return end_of_key_; }

 private:
  std::string_view text_;
  std::size_t at_ = 0, end_of_key_ = 0;
};

ScannedHeader scan_header(Scanner& scanner) {
  ScannedHeader header;
  header.begin = scanner.at();
  header.is_array = scanner.sees("[[");
  scanner.step(header.is_array ? 2 : 1);
  header.path = scanner.key();
  while (scanner.peek() == ']') scanner.step();
  header.end = scanner.at();
  scanner.skip_spaces();
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
    scanner.skip_spaces();
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
