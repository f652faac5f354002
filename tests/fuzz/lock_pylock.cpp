// Lock files: what is read is written as text that reads as the same, and the same bytes come of it; its digest is
// found.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "lock/pylock.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pkg::lock;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  quick_inputs_digest(text);
  const auto lock = parse_pylock(text, "pylock.toml");
  if (!lock) return 0;
  const auto written = write_pylock(*lock);
  const auto again = parse_pylock(written, "pylock.toml");
  PKG_CHECK(again.ok() && *again == *lock && write_pylock(*again) == written);
  const bool is_plain = lock->tool.inputs_digest.find_first_of("\"\\\n\r\t") == std::string::npos;
  if (lock->tool.version == kLockToolVersion && is_plain)
    PKG_CHECK(quick_inputs_digest(written).size() <= lock->tool.inputs_digest.size());
  return 0;
}
