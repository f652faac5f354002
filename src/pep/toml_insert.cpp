#include "pep/toml_insert.h"

#include <algorithm>

#include "base/text.h"
#include "pep/toml_array_edit.h"

namespace pkg::pep {
namespace {

bool begins_with(const std::vector<std::string>& path, const std::vector<std::string>& start) {
  return path.size() >= start.size() && std::equal(start.begin(), start.end(), path.begin());
}

// The end of the last value of a table; nullopt: it has none.
std::optional<std::size_t> last_value_of(const ScannedToml& scan, std::size_t header) {
  std::optional<std::size_t> end;
  for (const auto& entry : scan.entries) {
    if (entry.header == header) end = entry.value_end;
  }
  return end;
}

std::string behind_line(std::string_view text, std::size_t at, std::string_view line) {
  at = line_end(text, at);
  return cat(text.substr(0, at), newline_of(text), line, text.substr(at));
}

// Behind the last line before `at` that is not blank.
std::size_t behind_blank_lines(std::string_view text, std::size_t at) {
  while (at > 0 && is_ascii_space(text[at - 1])) --at;
  return at == 0 ? 0 : next_line(text, at);
}

std::size_t end_of_section(std::string_view text, const ScannedToml& scan, std::size_t header) {
  if (header + 1 == scan.headers.size()) return behind_blank_lines(text, text.size());
  std::size_t at = line_begin(text, scan.headers[header + 1].begin);
  while (at > scan.headers[header].end) {
    const auto above = line_begin(text, at - 1);
    if (!trim(text.substr(above, at - above)).starts_with('#')) break;
    at = above;
  }
  return behind_blank_lines(text, at);
}

std::size_t place_of(std::string_view text, const ScannedToml& scan, const NewTable& table) {
  std::size_t place = behind_blank_lines(text, text.size());
  for (std::size_t i = 0; i < scan.headers.size(); ++i) {
    const auto& path = scan.headers[i].path;
    if (table.beside && path == table.family) return end_of_section(text, scan, i);
    if (begins_with(path, table.family)) place = end_of_section(text, scan, i);
  }
  return place;
}

bool same(const toml::Value& a, const toml::Value& b, int depth) {
  constexpr int kDeepest = 80;  // base/toml refuses deeper ones
  if (depth > kDeepest || a.data.index() != b.data.index()) return false;
  if (const auto* items = a.as_array()) {
    return std::ranges::equal(*items, *b.as_array(),
                              [&](const toml::Value& x, const toml::Value& y) { return same(x, y, depth + 1); });
  }
  if (const auto* members = a.as_table()) {
    return members->size() == b.as_table()->size() && std::ranges::all_of(*members, [&](const toml::TableEntry& entry) {
             const auto* other = b.get(entry.first);
             return other != nullptr && same(entry.second, *other, depth + 1);
           });
  }
  if (const auto* text = a.as_string()) return *text == *b.as_string();
  if (const auto* integer = a.as_integer()) return *integer == *b.as_integer();
  if (const auto* truth = a.as_bool()) return *truth == *b.as_bool();
  if (const auto* date = std::get_if<toml::DateTime>(&a.data)) return *date == std::get<toml::DateTime>(b.data);
  const double x = std::get<double>(a.data), y = std::get<double>(b.data);
  return x == y || (x != x && y != y);  // nan is nan here
}

}  // namespace

std::string with_table_entry(std::string_view text, const ScannedToml& scan, std::size_t header,
                             std::string_view line) {
  return behind_line(text, last_value_of(scan, header).value_or(scan.headers[header].end), line);
}

std::string with_top_entry(std::string_view text, const ScannedToml& scan, std::string_view line) {
  if (const auto last = last_value_of(scan, ScannedEntry::kNoHeader)) return behind_line(text, *last, line);
  const auto newline = newline_of(text);
  const bool has_tables = !scan.headers.empty();
  const auto at = has_tables ? line_begin(text, scan.headers.front().begin) : text.size();
  const bool needs_newline = at > 0 && text[at - 1] != '\n';
  return cat(text.substr(0, at), needs_newline ? newline : "", line, newline, has_tables ? newline : "",
             text.substr(at));
}

std::string with_new_table(std::string_view text, const ScannedToml& scan, const NewTable& table,
                           std::string_view lines) {
  const auto newline = newline_of(text);
  const auto at = place_of(text, scan, table);
  const auto before = text.substr(0, at);
  std::string header;
  for (const auto& part : table.path) append(header, header.empty() ? "" : ".", toml::quote_key(part));
  header = table.is_array ? cat("[[", header, "]]") : cat('[', header, ']');
  const bool needs_newline = !before.empty() && before.back() != '\n';
  return cat(before, needs_newline ? newline : "", before.empty() ? "" : newline, header, newline, lines, newline,
             text.substr(at));
}

bool same_content(const toml::Value& a, const toml::Value& b) { return same(a, b, 0); }

}  // namespace pkg::pep
