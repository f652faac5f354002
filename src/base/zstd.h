#pragma once
// Zstandard, for entries of zip archives. The only user of libzstd, which is opened on first use.

#include <cstdint>
#include <span>
#include <string_view>

#include "base/result.h"

namespace pkg {

// No zstd stream gives more bytes per byte: blocks of 128 KiB that repeat one byte, in four bytes each.
constexpr std::uint64_t kMostZstdExpansion = 32768;

// One frame into exactly `into.size()` bytes; anything else (short, long, more frames, trailing input) is bad_data.
// unsupported: the library is not there.
Status unzstd_exact(std::string_view compressed, std::span<char> into);

}  // namespace pkg
