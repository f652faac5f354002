// The WHEEL file: no crash, and no format version above 1.x (0.1 is of 2012).

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "pep/wheel_info.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto info = pkg::pep::WheelInfo::parse(std::string_view(reinterpret_cast<const char*>(data), size));
  if (info.ok()) PKG_CHECK(info->major <= 1);
  return 0;
}
