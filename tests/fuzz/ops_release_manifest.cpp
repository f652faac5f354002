// Any text as the manifest of pkg's releases: what is accepted stays within its limits, and can be part of a path.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "ops/self/release_manifest.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto signature = pkg::ops::parse_signature_file(text);
  if (signature.ok() && signature->size() != 64) __builtin_trap();
  const auto manifest = pkg::ops::parse_release_manifest(text);
  if (!manifest.ok()) return 0;
  if (manifest->version_text.find('/') != std::string::npos) __builtin_trap();
  for (const auto& file : manifest->files) {
    const bool is_sound = file.size_bytes > 0 && file.size_bytes <= pkg::ops::kMostReleaseBytes &&
                          file.sha256_hex.size() == 64 && file.target.find('/') == std::string::npos &&
                          manifest->file_for(file.target) == &file;
    if (!is_sound) __builtin_trap();
  }
  return 0;
}
