#include "pep/name.h"

#include "base/text.h"

namespace pkg::pep {

namespace {

bool is_separator(char c) { return c == '-' || c == '_' || c == '.'; }

}  // namespace

bool is_valid_name(std::string_view text) {
  if (text.empty() || !is_ascii_alnum(text.front()) || !is_ascii_alnum(text.back())) return false;
  for (const char c : text) {
    if (!is_ascii_alnum(c) && !is_separator(c)) return false;
  }
  return true;
}

std::string normalize_name(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  bool in_run = false;
  for (const char c : text) {
    const bool separator = is_separator(c);
    if (!separator) {
      out.push_back(to_ascii_lower(c));
    } else if (!in_run) {
      out.push_back('-');
    }
    in_run = separator;
  }
  return out;
}

Result<Name> Name::parse(std::string_view text) {
  if (!is_valid_name(text)) {
    return make_error(ErrorKind::bad_data,
                      cat(quote(text), " is not a valid name: expected letters, digits and `.-_`, with a letter or digit at both ends"));
  }
  return Name(normalize_name(text));
}

std::string Name::with_underscores() const { return replace_all(text_, "-", "_"); }

}  // namespace pkg::pep
