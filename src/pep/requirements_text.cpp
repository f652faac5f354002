#include "pep/requirements_text.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "base/text.h"
#include "base/utf8.h"
#include "pep/white_space.h"

namespace pkg::pep {

namespace {

Result<std::string> from_utf16(std::string_view bytes, bool big_endian) {
  const auto unit = [&](std::size_t i) {
    const std::uint32_t first = static_cast<unsigned char>(bytes[i]), second = static_cast<unsigned char>(bytes[i + 1]);
    return big_endian ? first << 8U | second : second << 8U | first;
  };
  const Error broken = make_error(ErrorKind::bad_data, "the file begins like UTF-16, but is not");
  if (bytes.size() % 2 != 0) return broken;
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 2) {
    std::uint32_t code = unit(i);
    if (code >= 0xd800 && code < 0xe000) {
      if (code >= 0xdc00 || i + 2 >= bytes.size() || unit(i + 2) < 0xdc00 || unit(i + 2) >= 0xe000) return broken;
      i += 2;
      code = 0x10000 + ((code - 0xd800) << 10U) + (unit(i) - 0xdc00);
    }
    append_utf8(out, code);
  }
  return out;
}

std::string from_latin1(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) append_utf8(out, static_cast<unsigned char>(c));
  return out;
}

// The name after "coding:" or "coding=" in a comment, lower-case with "-" for "_"; empty when there is none.
std::string coding_comment(std::string_view line) {
  const std::string_view comment = trim(line);
  const std::size_t at = comment.find("coding");
  if (!comment.starts_with('#') || at == std::string_view::npos) return {};
  std::string_view rest = comment.substr(at + 6);
  if (rest.empty() || (rest[0] != ':' && rest[0] != '=')) return {};
  rest = trim(rest.substr(1));
  std::size_t end = 0;
  while (end < rest.size() && (is_ascii_alnum(rest[end]) || rest[end] == '-' || rest[end] == '_' || rest[end] == '.'))
    ++end;
  return replace_all(to_ascii_lower(rest.substr(0, end)), "_", "-");
}

std::string declared_coding(std::string_view bytes) {
  for (int i = 0; i < 2 && !bytes.empty(); ++i) {
    const std::size_t end = std::min(bytes.find('\n'), bytes.size());
    if (std::string coding = coding_comment(bytes.substr(0, end)); !coding.empty()) return coding;
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
  }
  return {};
}

// Bytes of the line break at the start of `text`, as Python's str.splitlines() knows them; 0 when there is none.
std::size_t line_break(std::string_view text) {
  const char c = text[0];
  if (c == '\r') return text.size() > 1 && text[1] == '\n' ? 2 : 1;
  if (c == '\n' || c == '\v' || c == '\f' || (c >= 0x1c && c <= 0x1e)) return 1;
  if (text.starts_with("\xc2\x85")) return 2;
  return text.starts_with("\xe2\x80\xa8") || text.starts_with("\xe2\x80\xa9") ? 3 : 0;
}

std::vector<std::string_view> physical_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  std::size_t start = 0;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = line_break(text.substr(i));
    if (length > 0) lines.push_back(text.substr(start, i - start));
    i += length > 0 ? length : 1;
    if (length > 0) start = i;
  }
  if (start < text.size()) lines.push_back(text.substr(start));
  return lines;
}

std::string_view strip_backslashes(std::string_view text) {
  while (text.starts_with('\\')) text.remove_prefix(1);
  while (text.ends_with('\\')) text.remove_suffix(1);
  return text;
}

bool begins_with_comment(std::string_view line) {
  for (std::size_t n = leading_space(line); n > 0; n = leading_space(line)) line.remove_prefix(n);
  return line.starts_with('#');
}

// A comment begins at a "#" that is first or follows white space.
std::string_view without_comment(std::string_view line) {
  bool after_space = true;
  for (std::size_t i = 0; i < line.size();) {
    if (line[i] == '#' && after_space) return strip_spaces(line.substr(0, i));
    const std::size_t space = leading_space(line.substr(i));
    after_space = space > 0;
    i += space > 0 ? space : 1;
  }
  return strip_spaces(line);
}

std::string with_variables(std::string_view line, const EnvironmentLookup& environment) {
  std::string out;
  for (;;) {
    const std::size_t at = line.find("${");
    if (at == std::string_view::npos) break;
    std::size_t end = at + 2;
    while (end < line.size() &&
           ((line[end] >= 'A' && line[end] <= 'Z') || is_ascii_digit(line[end]) || line[end] == '_'))
      ++end;
    const bool is_variable = end > at + 2 && end < line.size() && line[end] == '}';
    const auto value = is_variable ? environment(line.substr(at + 2, end - at - 2)) : std::nullopt;
    const std::size_t taken = is_variable ? end + 1 : at + 2;
    append(out, line.substr(0, at), value && !value->empty() ? std::string_view(*value) : line.substr(at, taken - at));
    line.remove_prefix(taken);
  }
  out += line;
  return out;
}

}  // namespace

Result<std::string> decode_requirements(std::string_view bytes) {
  if (bytes.starts_with("\xef\xbb\xbf")) {
    bytes.remove_prefix(3);
  } else if (bytes.starts_with("\xfe\xff") || bytes.starts_with("\xff\xfe")) {
    return from_utf16(bytes.substr(2), bytes[0] == '\xfe');
  } else if (const std::string coding = declared_coding(bytes);
             !coding.empty() && coding != "utf-8" && coding != "utf8") {
    if (coding == "latin-1" || coding == "latin1" || coding == "iso-8859-1") return from_latin1(bytes);
    if (coding != "ascii" && coding != "us-ascii") {
      return make_error(ErrorKind::unsupported,
                        cat("the coding ", quote(coding), " is not known: save the file as UTF-8"));
    }
  }
  if (!is_valid_utf8(bytes)) return make_error(ErrorKind::bad_data, "the file is not valid UTF-8");
  return std::string(bytes);
}

std::vector<LogicalLine> logical_lines(std::string_view text, const EnvironmentLookup& environment) {
  std::vector<LogicalLine> out;
  std::string joined;
  int number = 0, first = 0;
  const auto finish = [&] {
    if (const std::string_view line = without_comment(joined); !line.empty())
      out.push_back({with_variables(line, environment), first});
    joined.clear();
    first = 0;
  };
  for (const std::string_view line : physical_lines(text)) {
    ++number;
    if (first == 0) first = number;
    const bool comment = begins_with_comment(line);
    if (comment) joined.push_back(' ');  // so that the comment stays one after what came before
    if (!comment && line.ends_with('\\')) {
      joined += strip_backslashes(line);
      continue;
    }
    joined += line;
    finish();
  }
  finish();
  return out;
}

std::optional<std::vector<std::string>> shell_words(std::string_view text) {
  std::vector<std::string> words;
  bool in_word = false;
  std::string word;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
      if (in_word) words.push_back(std::exchange(word, {}));
      in_word = false;
      continue;
    }
    in_word = true;
    if (c == '\\') {
      if (++i == text.size()) return std::nullopt;
      word.push_back(text[i]);
    } else if (c == '\'' || c == '"') {
      for (++i; i < text.size() && text[i] != c; ++i) {
        if (c == '"' && text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == '"' || text[i + 1] == '\\')) ++i;
        word.push_back(text[i]);
      }
      if (i == text.size()) return std::nullopt;
    } else {
      word.push_back(c);
    }
  }
  if (in_word) words.push_back(std::move(word));
  return words;
}

}  // namespace pkg::pep
