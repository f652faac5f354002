#pragma once
// The bytes of a packed page, for page_builder.cpp that writes them and packed_page.cpp that reads them.
//
// The fixed beginning, little-endian:
//
//   0   magic              8   end of the table (u32)   12  CRC-32 of bytes 48 to there
//   16  fetched_at (i64)   24  max_age_s (i64)          32  size of it all (u64)
//   40  zero               48  facts, then the table of versions
//
// Bytes 16 to 31 are rewritten in place and are in no checksum: they only say when to ask again.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace pkg::index::packed_format {

inline constexpr std::string_view kMagic = "pkgpage3";
inline constexpr std::size_t kFreshnessAt = 16, kSizeAt = 32, kBodyAt = 48;

// The five bits above the first three are the systems of the wheels (pep/wheel_systems.h). kHasVariants: the files
// begin with the size of the usual ones (u32); what follows those is about wheel variants.
enum ReleaseFlags : std::uint16_t { kHasWheel = 1, kHasSdist = 2, kAllYanked = 4, kHasVariants = 256 };
inline constexpr int kSystemsShift = 3;
enum FileFlags : std::uint8_t {
  kWheel = 1,
  kYanked = 2,
  kMetadata = 4,
  kSize = 8,
  kUploadTime = 16,
  kEndsWithName = 32,
  kHasPrefix = 64
};
inline constexpr std::uint8_t kTextHash = 0x80;  // of a hash's algorithm: its value is text, not a digest

}  // namespace pkg::index::packed_format
