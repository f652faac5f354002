#pragma once
// Writing UTF-8.

#include <cstdint>
#include <string>

namespace pkg {

// Precondition: at most U+10FFFF.
void append_utf8(std::string& out, std::uint32_t code_point);

}  // namespace pkg
