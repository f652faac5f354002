#pragma once
// The note that says which wheel a build gave, in the cache folder and in a remote cache: "pkgbuilt1", sha256, size and
// file name, a line each.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pkg::index {

inline constexpr std::uint64_t kLongestBuiltWheelNote = 4096;  // bytes

struct BuiltWheelNote {
  std::string sha256_hex, file_name;  // a plain name, of a wheel
  std::uint64_t size_bytes = 0;
  std::string text() const;
};
// bad_data: it is none.
Result<BuiltWheelNote> parse_built_wheel_note(std::string_view text);

}  // namespace pkg::index
