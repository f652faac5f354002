#pragma once
// Writing UTF-8, and the length of what is there.

#include <cstddef>
#include <cstdint>
#include <string>

namespace pkg {

// Bytes of the sequence that `lead` begins; 1 for what begins none.
inline std::size_t utf8_length(char lead) {
  const auto byte = static_cast<unsigned char>(lead);
  if (byte < 0xC0) return 1;
  if (byte < 0xE0) return 2;
  return byte < 0xF0 ? 3 : 4;
}

// Precondition: at most U+10FFFF.
void append_utf8(std::string& out, std::uint32_t code_point);

}  // namespace pkg
