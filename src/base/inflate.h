#pragma once
// Whole-buffer inflate, and checksums. The only user of libdeflate.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pkg {

// Raw deflate into exactly `into.size()` bytes; anything else (short, long, trailing input) is bad_data.
Status inflate_exact(std::string_view compressed, std::span<char> into);

// Memory that is used again and again, and never cleared. Not for several threads at once.
class ScratchBuffer {
 public:
  // At least `size` bytes, of which the first `kept` are those of the last call.
  std::span<char> grow(std::size_t size, std::size_t kept = 0);
  std::size_t capacity() const { return capacity_; }

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t capacity_ = 0;
};

enum class Wrapping { gzip, zlib };  // gzip: one member after another; zlib: one stream, raw deflate too
// All of a stream whose size nobody vouches for, in `buffer`; a NUL, which is not counted, follows. nullopt: it is
// longer than `limit`. Never takes more memory than `limit` and one byte. Errors: bad_data (damaged, cut off, or
// something follows its end).
Result<std::optional<std::span<char>>> inflate_whole(std::string_view compressed, Wrapping wrapping,
                                                     std::uint64_t limit, ScratchBuffer& buffer);

std::uint32_t crc32(std::string_view bytes, std::uint32_t seed = 0);

}  // namespace pkg
