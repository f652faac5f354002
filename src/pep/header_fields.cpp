#include "pep/header_fields.h"

namespace pkg::pep {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t'; }
bool is_line_end(char c) { return c == '\n' || c == '\r'; }

// The length of "Key" in "Key: value"; npos when the line is no field. Keys are printable ASCII without spaces.
std::size_t key_length(std::string_view line) {
  for (std::size_t i = 0; i < line.size(); ++i) {
    const auto c = static_cast<unsigned char>(line[i]);
    if (c == ':') return i;
    if (c <= 0x20 || c >= 0x7f) return std::string_view::npos;
  }
  return std::string_view::npos;
}

std::string_view trimmed_value(std::string_view value) {
  while (!value.empty() && (is_blank(value.front()) || is_line_end(value.front()))) value.remove_prefix(1);
  while (!value.empty() && is_line_end(value.back())) value.remove_suffix(1);
  return value;
}

}  // namespace

std::string_view HeaderReader::peek_line() const {
  const std::string_view rest = text_.substr(at_);
  const std::string_view line = rest.substr(0, rest.find('\n'));
  if (const auto cr = line.find('\r'); cr != std::string_view::npos && cr + 1 != line.size())
    return rest.substr(0, cr + 1);
  return rest.substr(0, line.size() + 1);  // substr ends where the text does
}

std::optional<HeaderField> HeaderReader::next() {
  while (at_ < text_.size()) {
    const std::string_view line = peek_line();
    if (is_line_end(line.front())) {
      at_ += line.size();
      return std::nullopt;
    }
    // Not fields, but not the end of them either: a mailbox line, a continuation of nothing, a field without a name.
    if (line.starts_with("From ") || is_blank(line.front()) || line.front() == ':') {
      at_ += line.size();
      continue;
    }
    const std::size_t key = key_length(line);
    if (key == std::string_view::npos) return std::nullopt;
    const std::size_t start = at_;
    at_ += line.size();
    while (at_ < text_.size() && is_blank(text_[at_])) at_ += peek_line().size();
    const std::string_view field = text_.substr(start, at_ - start);
    return HeaderField{field.substr(0, key), trimmed_value(field.substr(key + 1))};
  }
  return std::nullopt;
}

}  // namespace pkg::pep
