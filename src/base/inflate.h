#pragma once
// Whole-buffer inflate. The only user of libdeflate.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pkg {

// Raw deflate into exactly `into.size()` bytes; anything else (short, long, trailing input) is bad_data.
Status inflate_exact(std::string_view compressed, std::span<char> into);
std::uint32_t crc32(std::string_view bytes, std::uint32_t seed = 0);

}  // namespace pkg
