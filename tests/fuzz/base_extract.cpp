// Any name for a file: what passes stays below its folder.
#include <cstddef>
#include <cstdint>
#include <filesystem>

#include "base/extract.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view name(reinterpret_cast<const char*>(data), size);
  if (!pkg::check_relative_path(name).ok()) return 0;
  const auto normal = (std::filesystem::path("/root/folder") / name).lexically_normal().native();
  if (normal.compare(0, 13, "/root/folder/") != 0 || normal.size() != 13 + name.size()) __builtin_trap();
  return 0;
}
