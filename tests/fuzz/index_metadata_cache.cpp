// Whatever a bundle holds, reading it and adding to it ends well, and what was added is found.
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "base/fs.h"
#include "index/metadata/metadata_cache.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto folder =
      pkg::fs::TempDir::create(std::filesystem::temp_directory_path(), "pkg-fuzz-").value().release();
  const auto name = pkg::pep::Name::from_normalized("demo");
  const std::string key(32, 'k');
  if (!pkg::fs::publish(folder / "demo.bundle", std::string_view(reinterpret_cast<const char*>(data), size)))
    std::abort();
  pkg::index::MetadataCache cache(folder);
  (void)cache.find(name, key);
  if (size >= 48) (void)cache.find(name, std::string_view(reinterpret_cast<const char*>(data) + 16, 32));
  if (!cache.add(name, key, "text") || cache.find(name, key) != "text") std::abort();
  if (pkg::index::MetadataCache(folder).find(name, key) != "text") std::abort();
  return 0;
}
