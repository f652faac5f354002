// Any bytes as the blocks of a tar archive: headers and extension records.
#include <cstddef>
#include <cstdint>

#include "base/tar_header.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  pkg::tar::format::Header header;
  if (size >= pkg::tar::format::kBlock)
    if (auto parsed = pkg::tar::format::parse_header(bytes.substr(0, pkg::tar::format::kBlock)); parsed.ok())
      header = *parsed;
  pkg::tar::format::Extension extension;
  if (extension.add('x', bytes).ok()) (void)extension.apply(header).ok();
  (void)pkg::tar::format::check_global(bytes).ok();
  return 0;
}
