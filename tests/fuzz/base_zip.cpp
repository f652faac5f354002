// Any bytes as a zip archive: no crash, and what is opened can be asked for everything.
#include <cstddef>
#include <cstdint>

#include "base/zip.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  std::uint64_t needed = 0;
  (void)pkg::zip::read_directory(bytes, size, &needed);
  const auto reader = pkg::zip::Reader::from_memory(bytes);
  if (!reader.ok()) return 0;
  for (const auto& entry : reader->entries()) {
    (void)reader->read(entry).ok();
    if (reader->find(entry.name) != &entry) __builtin_trap();
  }
  return 0;
}
