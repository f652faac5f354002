#include "pep/white_space.h"

namespace pkg::pep {

namespace {

bool is_ascii_space_of_python(unsigned char c) {
  return c == ' ' || (c >= 0x09 && c <= 0x0d) || (c >= 0x1c && c <= 0x1f);
}

// The code points beyond ASCII for which str.isspace() is true, Unicode 15.
bool is_wide_space(unsigned code) {
  return code == 0x85 || code == 0xa0 || code == 0x1680 || (code >= 0x2000 && code <= 0x200a) || code == 0x2028 ||
         code == 0x2029 || code == 0x202f || code == 0x205f || code == 0x3000;
}

unsigned byte_at(std::string_view text, std::size_t i) { return static_cast<unsigned char>(text[i]); }

std::size_t trailing_space(std::string_view text) {
  if (text.empty()) return 0;
  if (byte_at(text, text.size() - 1) < 0x80)
    return is_ascii_space_of_python(static_cast<unsigned char>(text.back())) ? 1 : 0;
  for (const std::size_t length : {std::size_t{2}, std::size_t{3}}) {
    if (text.size() >= length && leading_space(text.substr(text.size() - length)) == length) return length;
  }
  return 0;
}

}  // namespace

std::size_t leading_space(std::string_view text) {
  if (text.empty()) return 0;
  const unsigned first = byte_at(text, 0);
  if (first < 0x80) return is_ascii_space_of_python(static_cast<unsigned char>(first)) ? 1 : 0;
  if (first == 0xc2 && text.size() >= 2) return is_wide_space(byte_at(text, 1)) ? 2 : 0;
  if (first >= 0xe1 && first <= 0xe3 && text.size() >= 3) {
    const unsigned code = ((first & 0x0fU) << 12U) | ((byte_at(text, 1) & 0x3fU) << 6U) | (byte_at(text, 2) & 0x3fU);
    return is_wide_space(code) ? 3 : 0;
  }
  return 0;
}

std::string_view strip_spaces(std::string_view text) {
  for (std::size_t n = leading_space(text); n > 0; n = leading_space(text)) text.remove_prefix(n);
  for (std::size_t n = trailing_space(text); n > 0; n = trailing_space(text)) text.remove_suffix(n);
  return text;
}

}  // namespace pkg::pep
