// Any text as JSON: parse(dump(x)) == x.
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>

#include "base/json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto value = pkg::json::parse({reinterpret_cast<const char*>(data), size});
  if (!value.ok()) return 0;
  const auto text = pkg::json::dump(*value);
  const auto again = pkg::json::parse(text);
  if (!again.ok() || pkg::json::dump(*again) != text) __builtin_trap();
  return 0;
}
