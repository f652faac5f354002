#include "lock/quick_toml.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "base/time.h"
#include "base/toml_cursor.h"

namespace pkg::lock {
namespace {

constexpr int kMaxDepth = 8;

// Any function may say that it does not know: it returns false, and parsing is over.
class QuickParser : toml::Cursor {
 public:
  explicit QuickParser(std::string_view text) : Cursor(text) {
    root_.data = toml::Table();
    root_.line = root_.column = 1;
    current_ = &root_;
  }

  std::optional<toml::Value> parse() {
    while (true) {
      if (!skip_lines()) return std::nullopt;
      if (ended()) return std::move(root_);
      if (!(peek() == '[' ? header() : assignment()) || !end_of_line()) return std::nullopt;
    }
  }

 private:
  bool take_line_end() {
    if (peek() == '\r' && peek(1) == '\n') ++at_;
    if (!take('\n')) return false;
    ++line_;
    line_start_ = at_;
    return true;
  }
  static bool is_plain(char c) { return (c >= 0x20 && c < 0x7F) || c == '\t'; }

  // White space, comments and line ends. False: a character that cannot be in a comment.
  bool skip_lines() {
    while (true) {
      skip_blanks();
      if (peek() == '#') {
        while (is_plain(peek())) ++at_;
        if (!ended() && peek() != '\n' && peek() != '\r') return false;
      }
      if (!take_line_end()) return true;
    }
  }
  bool end_of_line() {
    skip_blanks();
    if (ended()) return true;
    if (peek() != '#') return take_line_end();
    while (is_plain(peek())) ++at_;
    return ended() || take_line_end();
  }

  void place(toml::Value& value) const {
    value.line = line_;
    value.column = static_cast<int>(at_ - line_start_) + 1;
  }

  bool key(std::string& out) {
    if (peek() == '"') return basic_string(out);
    const std::size_t begin = at_;
    while (toml::is_bare_key_character(peek())) ++at_;
    out.assign(text_.substr(begin, at_ - begin));
    return !out.empty();
  }

  // A table or an array that a header made, by its path without indices: [a.b] may go on in what [[a]] made, not in `a
  // = […]`. A path that is both in one file is left to toml::parse.
  toml::Value* step(toml::Value& table, const std::string& name, const std::string& path, bool is_last, bool is_array) {
    auto& entries = std::get<toml::Table>(table.data);
    const auto found = std::find_if(entries.begin(), entries.end(),
                                    [&](const toml::TableEntry& entry) { return entry.first == name; });
    if (found == entries.end()) return make(entries, name, path, is_last && is_array);
    toml::Value& value = found->second;
    if (auto* array = std::get_if<toml::Array>(&value.data)) {
      if (!arrays_.contains(path) || (is_last && !is_array)) return nullptr;
      return is_last ? &append_table(*array) : &array->back();
    }
    return !is_last && value.as_table() != nullptr && tables_.contains(path) ? &value : nullptr;
  }

  toml::Value* make(toml::Table& entries, const std::string& name, const std::string& path, bool is_array) {
    if ((is_array ? tables_ : arrays_).contains(path)) return nullptr;
    (is_array ? arrays_ : tables_).insert(path);
    toml::Value& made = entries.emplace_back(name, toml::Value()).second;
    place(made);
    if (!is_array) {
      made.data = toml::Table();
      return &made;
    }
    return &append_table(made.data.emplace<toml::Array>());
  }

  toml::Value& append_table(toml::Array& array) {
    auto& element = array.emplace_back();
    place(element);
    element.data = toml::Table();
    return element;
  }

  bool header() {
    const std::size_t begin = at_;
    ++at_;
    const bool is_array = take('[');
    std::vector<std::string> names;
    do {
      skip_blanks();
      if (names.size() == kMaxDepth || !key(names.emplace_back())) return false;
      skip_blanks();
    } while (take('.'));
    if (!take(']') || (is_array && !take(']'))) return false;
    const std::size_t end = std::exchange(at_, begin);  // tables are where their header begins
    toml::Value* table = &root_;
    path_.clear();
    for (std::size_t i = 0; i < names.size() && table != nullptr; ++i) {
      append(path_, '\n', names[i]);
      table = step(*table, names[i], path_, i + 1 == names.size(), is_array);
    }
    at_ = end;
    current_ = table;
    return table != nullptr;
  }

  bool key_and_value(std::string& name, toml::Value& read, int depth) {
    if (!key(name)) return false;
    skip_blanks();
    if (!take('=')) return false;
    skip_blanks();
    return value(read, depth);
  }

  bool assignment() {
    std::string name;
    toml::Value read;
    if (!key_and_value(name, read, 0)) return false;
    if (read.as_array() != nullptr || read.as_table() != nullptr) {
      const std::string path = cat(path_, '\n', name);
      if (arrays_.contains(path) || tables_.contains(path)) return false;
    }
    return add(std::get<toml::Table>(current_->data), std::move(name), std::move(read));
  }

  static bool add(toml::Table& table, std::string name, toml::Value read) {
    const bool is_new =
        std::none_of(table.begin(), table.end(), [&](const toml::TableEntry& entry) { return entry.first == name; });
    if (is_new) table.emplace_back(std::move(name), std::move(read));
    return is_new;
  }

  bool value(toml::Value& out, int depth) {
    place(out);
    switch (peek()) {
      case '"':
        return basic_string(out.data.emplace<std::string>());
      case '\'':
        return literal_string(out.data.emplace<std::string>());
      case '[':
        return depth < kMaxDepth && array(out.data.emplace<toml::Array>(), depth + 1);
      case '{':
        return depth < kMaxDepth && inline_table(out.data.emplace<toml::Table>(), depth + 1);
      case 't':
        return word("true", out, true);
      case 'f':
        return word("false", out, false);
      default:
        return number_or_time(out);
    }
  }

  bool word(std::string_view text, toml::Value& out, bool truth) {
    if (text_.substr(at_, text.size()) != text) return false;
    at_ += text.size();
    out.data = truth;
    return true;
  }

  bool basic_string(std::string& out) { return string_until('"', out); }
  bool literal_string(std::string& out) { return string_until('\'', out); }

  bool string_until(char quote, std::string& out) {
    const std::size_t begin = at_ + 1;
    std::size_t end = begin;
    while (end < text_.size() && is_plain(text_[end]) && text_[end] != quote && (text_[end] != '\\' || quote == '\''))
      ++end;
    if (end >= text_.size() || text_[end] != quote) return false;
    if (end == begin && end + 1 < text_.size() && text_[end + 1] == quote) return false;  // three: of several lines
    out.assign(text_.substr(begin, end - begin));
    at_ = end + 1;
    return true;
  }

  bool array(toml::Array& out, int depth) {
    ++at_;
    while (true) {
      if (!skip_lines()) return false;
      if (take(']')) return true;
      if (!value(out.emplace_back(), depth) || !skip_lines()) return false;
      if (take(']')) return true;
      if (!take(',')) return false;
    }
  }

  bool inline_table(toml::Table& out, int depth) {
    ++at_;
    skip_blanks();
    if (take('}')) return true;
    out.reserve(4);
    while (true) {
      std::string name;
      toml::Value read;
      skip_blanks();
      if (!key_and_value(name, read, depth) || !add(out, std::move(name), std::move(read))) return false;
      skip_blanks();
      if (take('}')) return true;
      if (!take(',')) return false;
    }
  }

  bool number_or_time(toml::Value& out) {
    const std::size_t begin = at_;
    while (is_ascii_digit(peek())) ++at_;
    const auto digits = text_.substr(begin, at_ - begin);
    if (digits.size() == 4 && peek() == '-') return date_time(begin, out);
    const bool is_usual = !digits.empty() && digits.size() <= 18 && (digits.size() == 1 || digits[0] != '0');
    const bool is_over = !toml::is_bare_key_character(peek()) && peek() != '.' && peek() != ':' && peek() != '+';
    if (!is_usual || !is_over) return false;
    out.data = static_cast<std::int64_t>(*parse_u64(digits));
    return true;
  }

  // "2024-05-01T12:30:00.25Z", or with a space for the T, or another offset.
  bool date_time(std::size_t begin, toml::Value& out) {
    const auto take_while = [&](auto accepts) {
      while (accepts(peek())) ++at_;
    };
    take_while([](char c) { return is_ascii_digit(c) || c == '-' || c == ':'; });
    if (at_ - begin != 10 || (peek() != 'T' && peek() != ' ')) return false;
    ++at_;
    take_while([](char c) { return is_ascii_digit(c) || c == '-' || c == ':' || c == '.' || c == '+'; });
    if (peek() == 'Z') ++at_;
    if (toml::is_bare_key_character(peek())) return false;
    std::string text(text_.substr(begin, at_ - begin));
    std::string normal = text;
    normal[10] = 'T';
    const bool is_leap_second = normal.size() > 18 && normal[17] == '6';
    if (text.starts_with("0000") || text.size() > 40 || is_leap_second || !time::parse_rfc3339(normal)) return false;
    out.data = toml::DateTime{std::move(text)};
    return true;
  }

  std::size_t line_start_ = 0;
  int line_ = 1;
  toml::Value root_;
  toml::Value* current_;
  std::string path_;                       // of current_, its names each after a line feed
  std::set<std::string> tables_, arrays_;  // paths that headers made
};

}  // namespace

std::optional<toml::Value> quick_parse(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) return std::nullopt;
  return QuickParser(text).parse();
}

}  // namespace pkg::lock
