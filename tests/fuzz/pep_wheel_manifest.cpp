// Wheel manifests: the input as it is, and under a right checksum so that the reader behind it is reached.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/inflate.h"
#include "pep/wheel_manifest.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pkg::pep;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static_cast<void>(WheelManifest::decode(text));
  std::string sealed = WheelManifest().encode().substr(0, 8).append(text);
  const std::uint32_t sum = pkg::crc32(sealed);
  for (int shift = 0; shift < 32; shift += 8) sealed.push_back(static_cast<char>(sum >> shift));
  if (const auto manifest = WheelManifest::decode(sealed); manifest.ok())
    PKG_CHECK(WheelManifest::decode(manifest->encode()).value() == *manifest);
  return 0;
}
