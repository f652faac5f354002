// The quick TOML parser takes nothing that the whole parser refuses, and reads the same of it.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "lock/quick_toml.h"
#include "tests/support/toml_equal.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto quick = pkg::lock::quick_parse(text);
  if (!quick) return 0;
  const auto whole = pkg::toml::parse(text, "pylock.toml");
  PKG_CHECK(whole.ok() && pkg::test::toml_equal(*quick, *whole));
  return 0;
}
