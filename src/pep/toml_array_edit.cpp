#include "pep/toml_array_edit.h"

#include <algorithm>

#include "base/text.h"
#include "base/toml.h"

namespace pkg::pep {
namespace {

constexpr std::size_t kLongestLine = 100;

bool is_blank(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c == ' ' || c == '\t'; });
}

std::string_view between(std::string_view text, std::size_t begin, std::size_t end) {
  return text.substr(begin, end - begin);
}

std::string spliced(std::string_view text, std::size_t begin, std::size_t end, std::string_view by) {
  return cat(text.substr(0, begin), by, text.substr(end));
}

// Where an item ends with its comma.
std::size_t end_with_comma(const ScannedItem& item) { return item.has_comma() ? item.comma + 1 : item.end; }

bool has_newline(std::string_view text) { return text.find('\n') != std::string_view::npos; }

bool is_multi_line(std::string_view text, const ScannedArray& array) {
  return has_newline(between(text, array.begin, array.end));
}

// Nothing but white space stands before the item on its line.
bool begins_line(std::string_view text, const ScannedItem& item) {
  return is_blank(between(text, line_begin(text, item.begin), item.begin));
}

// Nothing but white space and a comment stands behind `at` on its line.
bool rest_is_comment(std::string_view text, std::size_t at) {
  const auto rest = trim(between(text, at, line_end(text, at)));
  return rest.empty() || rest.front() == '#';
}

std::string indent_of(std::string_view text, const ScannedArray& array) {
  for (const auto& item : array.items) {
    if (begins_line(text, item)) return std::string(between(text, line_begin(text, item.begin), item.begin));
  }
  return "    ";
}

// The indentation of the first array of the text that has its items on lines of their own.
std::string usual_indent(std::string_view text) {
  for (const auto& entry : scan_toml(text).entries) {
    if (text[entry.value_begin] != '[') continue;
    const auto array = scan_array(text, entry.value_begin);
    if (!array.items.empty() && begins_line(text, array.items.front())) {
      if (auto indent = indent_of(text, array); !indent.empty()) return indent;
    }
  }
  return "    ";
}

std::string on_lines(std::string_view text, const std::vector<std::string>& items) {
  const auto newline = newline_of(text);
  const auto indent = usual_indent(text);
  std::string out = "[";
  for (const auto& item : items) append(out, newline, indent, item, ',');
  append(out, newline, ']');
  return out;
}

std::string insert_into_empty(std::string_view text, const ScannedArray& array, std::string_view item) {
  if (!array.has_comment) return spliced(text, array.begin, array.end, new_array(text, item));
  return spliced(text, array.begin + 1, array.begin + 1, cat(newline_of(text), usual_indent(text), item, ','));
}

// Items on one line: breaks it when it gets too long.
std::string insert_inline(std::string_view text, const ScannedArray& array, std::size_t index, std::string_view item) {
  const auto& items = array.items;
  const std::size_t last = items.size() - 1;
  std::string result;
  if (index <= last)
    result = spliced(text, items[index].begin, items[index].begin, cat(item, ", "));
  else if (items[last].has_comma())
    result = spliced(text, items[last].comma + 1, items[last].comma + 1, cat(' ', item, ','));
  else
    result = spliced(text, items[last].end, items[last].end, cat(", ", item));
  const auto begin = line_begin(result, array.begin);
  if (array.has_comment || line_end(result, array.begin) - begin <= kLongestLine) return result;
  std::vector<std::string> all;
  for (const auto& one : items) all.emplace_back(between(text, one.begin, one.end));
  all.insert(all.begin() + static_cast<std::ptrdiff_t>(index), std::string(item));
  return spliced(text, array.begin, array.end, on_lines(text, all));
}

// A new line behind the item `index` - 1 or behind the opening bracket, or a place beside items that share a line.
std::string insert_line(std::string_view text, const ScannedArray& array, std::size_t index, std::string_view item) {
  const auto& items = array.items;
  const auto new_line = cat(newline_of(text), indent_of(text, array), item);
  if (index == 0) {
    if (!begins_line(text, items.front()))
      return spliced(text, items.front().begin, items.front().begin, cat(item, ", "));
    const auto at = line_end(text, array.begin + 1);
    return spliced(text, at, at, cat(new_line, ','));
  }
  const auto& before = items[index - 1];
  const bool is_last = index == items.size();
  if (!before.has_comma()) {  // the last, without a trailing comma
    if (!rest_is_comment(text, before.end)) return spliced(text, before.end, before.end, cat(',', new_line));
    const auto at = line_end(text, before.end);
    return cat(text.substr(0, before.end), ',', between(text, before.end, at), new_line, text.substr(at));
  }
  if (rest_is_comment(text, before.comma + 1)) {
    const auto at = line_end(text, before.comma + 1);
    return spliced(text, at, at, cat(new_line, ','));
  }
  if (!is_last) return spliced(text, items[index].begin, items[index].begin, cat(item, ", "));
  return spliced(text, before.comma + 1, before.comma + 1, cat(new_line, ','));
}

bool has_comment(std::string_view text) { return text.find('#') != std::string_view::npos; }

// Takes out [begin, end), and the comma at `comma` before it.
std::string without(std::string_view text, std::size_t begin, std::size_t end,
                    std::size_t comma = ScannedItem::kNoComma) {
  if (comma == ScannedItem::kNoComma) return spliced(text, begin, end, {});
  return cat(text.substr(0, comma), between(text, comma + 1, begin), text.substr(end));
}

std::string erase_only(std::string_view text, const ScannedArray& array) {
  const auto& item = array.items.front();
  const auto begin = line_begin(text, item.begin);
  if (!array.has_comment) return spliced(text, array.begin, array.end, "[]");
  if (begins_line(text, item) && rest_is_comment(text, end_with_comma(item)))
    return without(text, begin, next_line(text, end_with_comma(item)));
  return without(text, item.begin, end_with_comma(item));
}

}  // namespace

std::string_view newline_of(std::string_view text) {
  const auto at = text.find('\n');
  return at != std::string_view::npos && at > 0 && text[at - 1] == '\r' ? "\r\n" : "\n";
}

std::string new_array(std::string_view text, std::string_view item) { return on_lines(text, {std::string(item)}); }

std::string insert_array_item(std::string_view text, const ScannedArray& array, std::size_t index,
                              std::string_view item) {
  if (array.items.empty()) return insert_into_empty(text, array, item);
  return is_multi_line(text, array) ? insert_line(text, array, index, item) : insert_inline(text, array, index, item);
}

std::string replace_array_item(std::string_view text, const ScannedArray& array, std::size_t index,
                               std::string_view item) {
  return spliced(text, array.items[index].begin, array.items[index].end, item);
}

std::string erase_array_item(std::string_view text, const ScannedArray& array, std::size_t index) {
  const auto& items = array.items;
  const auto& item = items[index];
  if (items.size() == 1) return erase_only(text, array);
  const auto end = end_with_comma(item);
  const auto previous_comma = index > 0 && !item.has_comma() ? items[index - 1].comma : ScannedItem::kNoComma;
  if (begins_line(text, item) && rest_is_comment(text, end) && is_multi_line(text, array)) {
    return without(text, line_begin(text, item.begin), next_line(text, end), previous_comma);
  }
  if (index + 1 < items.size() && !has_newline(between(text, end, items[index + 1].begin)))
    return without(text, item.begin, items[index + 1].begin);
  if (index == 0) return without(text, item.begin, end);
  const auto gap_begin = item.has_comma() ? items[index - 1].comma + 1 : items[index - 1].end;
  if (!has_comment(between(text, gap_begin, item.begin))) return without(text, gap_begin, end);
  return without(text, item.begin, end, previous_comma);
}

std::string quoted_like(std::string_view text, const ScannedArray& array, std::string_view content) {
  const auto is_string = [&](const ScannedItem& item) { return text[item.begin] == '"' || text[item.begin] == '\''; };
  const auto first = std::ranges::find_if(array.items, is_string);
  const char usual = first == array.items.end() ? '"' : text[first->begin];
  for (const char mark : {usual, usual == '"' ? '\'' : '"'}) {
    const bool fits = std::ranges::none_of(
        content, [&](char c) { return c == mark || c == '\\' || static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
    if (fits) return cat(mark, content, mark);
  }
  return toml::quote_string(content);
}

}  // namespace pkg::pep
