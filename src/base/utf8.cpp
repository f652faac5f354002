#include "base/utf8.h"

namespace pkg {

void append_utf8(std::string& out, std::uint32_t code_point) {
  const auto byte = [&](std::uint32_t bits) { out.push_back(static_cast<char>(bits)); };
  const auto continuation = [&](std::uint32_t shift) { byte(0x80U | (code_point >> shift & 0x3fU)); };
  if (code_point < 0x80) return byte(code_point);
  if (code_point < 0x800) {
    byte(0xc0U | code_point >> 6U);
  } else if (code_point < 0x10000) {
    byte(0xe0U | code_point >> 12U);
    continuation(6);
  } else {
    byte(0xf0U | code_point >> 18U);
    continuation(12);
    continuation(6);
  }
  continuation(0);
}

}  // namespace pkg
