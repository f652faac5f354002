#include "base/json.h"

#include <algorithm>
#include <exception>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace pkg::json {
namespace {

// The library builds, copies and prints by recursion: the depth is bounded before a document is built. A brace inside a
// string is skipped with the string; whatever is wrong otherwise is for the parser to say.
std::size_t too_deep_at(std::string_view text, std::size_t max_depth) {
  std::size_t depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    switch (text[i]) {
      case '"':
        for (++i; i < text.size() && text[i] != '"'; ++i)
          if (text[i] == '\\') ++i;
        break;
      case '[':
      case '{':
        if (++depth > max_depth) return i;
        break;
      case ']':
      case '}':
        if (depth > 0) --depth;
        break;
      default:
        break;
    }
  }
  return std::string_view::npos;
}

std::string place(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  std::size_t line = 1;
  for (const char c : before) line += c == '\n' ? 1 : 0;
  const auto line_start = before.rfind('\n');
  const std::size_t column = before.size() - (line_start == std::string_view::npos ? 0 : line_start + 1) + 1;
  return cat("line ", line, ", column ", column);
}

// What the library says, without its "[json.exception…] parse error at line 1, column 2: " in front.
std::string_view reason_in(std::string_view what) {
  const auto at = what.find(": ");
  return at == std::string_view::npos ? what : what.substr(at + 2);
}

}  // namespace

Result<Json> parse(std::string_view text, std::size_t max_depth) {
  if (const auto at = too_deep_at(text, max_depth); at != std::string_view::npos)
    return make_error(ErrorKind::bad_data,
                      cat("malformed JSON at ", place(text, at), ": nested deeper than ", max_depth));
  try {
    return Json::parse(text.begin(), text.end());
  } catch (const Json::parse_error& error) {
    const std::size_t offset = error.byte > 0 ? std::min<std::size_t>(error.byte - 1, text.size()) : 0;
    return make_error(ErrorKind::bad_data,
                      cat("malformed JSON at ", place(text, offset), ": ", printable(reason_in(error.what()))));
  } catch (const std::exception& error) {  // numbers out of range
    return make_error(ErrorKind::bad_data, cat("malformed JSON: ", printable(reason_in(error.what()))));
  }
}

std::string dump(const Json& value, int indent) {
  return value.dump(indent, ' ', false, Json::error_handler_t::replace);
}

}  // namespace pkg::json
