// Logs of builds: any bytes give at most so many lines and a hint without control bytes.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "builder/build_log.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view log(reinterpret_cast<const char*>(data), size);
  PKG_CHECK(pkg::builder::telling_lines(log, 7).size() <= 7);
  PKG_CHECK(pkg::builder::hint_for(log).find('\x1b') == std::string::npos);
  return 0;
}
