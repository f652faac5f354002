#pragma once
// Numbers of bytes as people read them.

#include <cstdint>
#include <string>

namespace pkg::cli {

std::string megabytes(std::uint64_t bytes);  // "3.1", of a million bytes each

}  // namespace pkg::cli
