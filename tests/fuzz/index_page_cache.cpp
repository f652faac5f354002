// Packed pages: whatever the bytes, reading ends without a crash. Checksums are put right, so that the rest is reached.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

#include "base/inflate.h"
#include "index/cache/packed_page.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pkg;
  std::string bytes(reinterpret_cast<const char*>(data), size);
  if (size >= 48) {
    std::memcpy(bytes.data(), "pkgpage2", 8);
    std::uint32_t end = 0;
    std::memcpy(&end, bytes.data() + 8, 4);
    end = static_cast<std::uint32_t>(48 + end % (size - 47));
    const std::uint32_t checksum = crc32(std::string_view(bytes).substr(48, end - 48));
    const std::uint64_t total = size;
    std::memcpy(bytes.data() + 8, &end, 4);
    std::memcpy(bytes.data() + 12, &checksum, 4);
    std::memcpy(bytes.data() + 32, &total, 8);
  }
  const auto page = index::PackedPage::from_bytes(pep::Name::from_normalized("foo"), std::move(bytes));
  if (!page) return 0;
  for (std::size_t i = 0; i < page->releases().size(); ++i) (void)page->files(i);
  return 0;
}
