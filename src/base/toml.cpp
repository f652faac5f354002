#include "base/toml.h"

#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#define TOML_ENABLE_WINDOWS_COMPAT 0
#define TOML_MAX_NESTED_VALUES 64
#include <toml++/toml.h>

#include <algorithm>
#include <array>

#include "base/origin.h"
#include "base/text.h"

namespace pkg::toml {
namespace {

namespace lib = ::toml;

constexpr int kMaxDepth = 64;

// Line starts, so that a position becomes an offset. Columns count code points, as the library does.
class Lines {
 public:
  explicit Lines(std::string_view text) : text_(text), starts_{0} {
    for (std::size_t i = 0; i < text.size(); ++i)
      if (text[i] == '\n') starts_.push_back(i + 1);
  }
  std::string_view line(std::size_t number) const {  // 1-based
    if (number == 0 || number > starts_.size()) return {};
    const std::size_t begin = starts_[number - 1];
    const auto rest = text_.substr(begin);
    const auto line = rest.substr(0, rest.find('\n'));
    return line.substr(0, line.size() - (!line.empty() && line.back() == '\r' ? 1 : 0));
  }
  static std::size_t offset_in(std::string_view line, std::size_t column) {
    std::size_t at = 0;
    for (std::size_t seen = 1; seen < column && at < line.size(); ++seen) {
      ++at;
      while (at < line.size() && (static_cast<unsigned char>(line[at]) & 0xC0) == 0x80) ++at;
    }
    return at;
  }

 private:
  std::string_view text_;
  std::vector<std::size_t> starts_;
};

Error bad(std::string_view file_name, const Lines& lines, lib::source_position at, std::string_view why) {
  const auto line = lines.line(at.line);
  Error error = make_error(ErrorKind::bad_data, cat(file_name, ':', at.line, ':', at.column, ": ", printable(why)));
  return std::move(error).with(caret(line, Lines::offset_in(line, at.column)));
}

// The library bounds the nesting of values, not the length of dotted keys, and lets go of tables by recursion. This walks over strings
// and comments as the grammar has them and finds a key of more than kMaxDepth parts. Where it goes astray, the text is no TOML.
class KeyLengthScan {
 public:
  explicit KeyLengthScan(std::string_view text) : text_(text) {}

  // The line (1-based) of a key that is too long; 0: none.
  std::size_t find() {
    int dots = 0;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '"' || c == '\'') {
        skip_string(c);
      } else if (c == '#') {
        while (at_ + 1 < text_.size() && text_[at_ + 1] != '\n') ++at_;
      } else if (c == '.') {
        if (++dots >= kMaxDepth) return line_;
      } else if (c == '=' || c == ',' || c == '[' || c == ']' || c == '{' || c == '}' || c == '\n') {
        dots = 0;
        if (c == '\n') ++line_;
      }
    }
    return 0;
  }

 private:
  // Leaves at_ on the last character of the string.
  void skip_string(char quote) {
    const std::string three(3, quote);
    const bool multi_line = text_.substr(at_, 3) == three;
    for (at_ += multi_line ? 3 : 1; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '\n') {
        ++line_;
        if (!multi_line) return;
      } else if (c == '\\' && quote == '"') {
        if (at_ + 1 < text_.size() && text_[at_ + 1] == '\n') ++line_;
        ++at_;
      } else if (c == quote) {
        if (!multi_line) return;
        if (text_.substr(at_, 3) != three) continue;
        at_ += 2;
        while (at_ + 1 < text_.size() && text_[at_ + 1] == quote) ++at_;  // """" ends with a quote of its own
        return;
      }
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
};

// The library's tree made ours; its recursion is bounded by kMaxDepth.
class Converter {
 public:
  Converter(std::string_view file_name, const Lines& lines) : file_name_(file_name), lines_(lines) {}

  Result<Value> convert(const lib::node& node, lib::source_position fallback, int depth) const {
    const auto begin = node.source().begin.line > 0 ? node.source().begin : fallback;
    if (depth > kMaxDepth) return bad(file_name_, lines_, begin, cat("nested deeper than ", kMaxDepth));
    Value value;
    value.line = static_cast<int>(begin.line);
    value.column = static_cast<int>(begin.column);
    if (const auto* table = node.as_table()) {
      PKG_TRY_ASSIGN(value.data, convert_table(*table, begin, depth));
    } else if (const auto* array = node.as_array()) {
      PKG_TRY_ASSIGN(value.data, convert_array(*array, begin, depth));
    } else {
      convert_scalar(node, value);
    }
    return value;
  }

 private:
  // The library keeps keys sorted by name; where a key was first written gives the source's order back.
  Result<Table> convert_table(const lib::table& table, lib::source_position begin, int depth) const {
    struct Member {
      lib::source_position at;
      std::string_view key;
      const lib::node* node;
    };
    std::vector<Member> members;
    members.reserve(table.size());
    for (auto&& [key, node] : table) members.push_back(Member{key.source().begin, key.str(), &node});
    std::sort(members.begin(), members.end(), [](const Member& a, const Member& b) { return a.at < b.at; });
    Table out;
    out.reserve(members.size());
    for (const Member& member : members) {
      PKG_TRY_ASSIGN(auto value, convert(*member.node, member.at.line > 0 ? member.at : begin, depth + 1));
      out.emplace_back(std::string(member.key), std::move(value));
    }
    return out;
  }

  Result<Array> convert_array(const lib::array& array, lib::source_position begin, int depth) const {
    Array out;
    out.reserve(array.size());
    for (const lib::node& item : array) {
      PKG_TRY_ASSIGN(auto value, convert(item, begin, depth + 1));
      out.push_back(std::move(value));
    }
    return out;
  }

  void convert_scalar(const lib::node& node, Value& value) const {
    if (const auto* text = node.as_string())
      value.data = text->get();
    else if (const auto* integer = node.as_integer())
      value.data = integer->get();
    else if (const auto* number = node.as_floating_point())
      value.data = number->get();
    else if (const auto* boolean = node.as_boolean())
      value.data = boolean->get();
    else
      value.data = DateTime{source_text(node.source())};
  }

  // What is written there; dates and times are on one line.
  std::string source_text(const lib::source_region& region) const {
    const auto line = lines_.line(region.begin.line);
    const std::size_t begin = Lines::offset_in(line, region.begin.column);
    const std::size_t end = region.end.line == region.begin.line ? Lines::offset_in(line, region.end.column) : line.size();
    return std::string(trim(line.substr(begin, end - begin)));
  }

  std::string_view file_name_;
  const Lines& lines_;
};

void append_escape(std::string& out, char c) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  switch (c) {
    case '"':
      out.append("\\\"");
      return;
    case '\\':
      out.append("\\\\");
      return;
    case '\n':
      out.append("\\n");
      return;
    case '\r':
      out.append("\\r");
      return;
    case '\t':
      out.append("\\t");
      return;
    default:
      out.append("\\u00");
      out.push_back(kHex[static_cast<unsigned char>(c) >> 4]);
      out.push_back(kHex[static_cast<unsigned char>(c) & 15]);
  }
}

}  // namespace

const Value* Value::get(std::string_view key) const {
  const Table* table = as_table();
  if (table == nullptr) return nullptr;
  const auto found = std::find_if(table->begin(), table->end(), [&](const auto& member) { return member.first == key; });
  return found != table->end() ? &found->second : nullptr;
}

std::string_view Value::type_name() const {
  constexpr std::array<std::string_view, 7> kNames = {"a string",       "an integer", "a float", "a boolean",
                                                      "a date or time", "an array",   "a table"};
  return kNames[data.index()];
}

Result<Value> parse(std::string_view text, std::string_view file_name) {
  const Lines lines(text);
  if (const std::size_t line = KeyLengthScan(text).find(); line != 0)
    return bad(file_name, lines, {static_cast<lib::source_index>(line), 1}, cat("nested deeper than ", kMaxDepth));
  const lib::parse_result parsed = lib::parse(text);
  if (!parsed) return bad(file_name, lines, parsed.error().source().begin, parsed.error().description());
  return Converter(file_name, lines).convert(parsed.table(), {1, 1}, 0);
}

std::string quote_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F || c == '"' || c == '\\')
      append_escape(out, c);
    else
      out.push_back(c);
  }
  out.push_back('"');
  return out;
}

std::string quote_key(std::string_view text) {
  const bool bare =
      !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return is_ascii_alnum(c) || c == '_' || c == '-'; });
  return bare ? std::string(text) : quote_string(text);
}

}  // namespace pkg::toml
