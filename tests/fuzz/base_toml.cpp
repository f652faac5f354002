// Any text as TOML; its keys and strings are read back as they were written.
#include <cstddef>
#include <cstdint>

#include "base/text.h"
#include "base/toml.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)pkg::toml::parse(text, "fuzz").ok();
  if (!pkg::is_valid_utf8(text)) return 0;
  const auto again =
      pkg::toml::parse(pkg::cat(pkg::toml::quote_key(text), " = ", pkg::toml::quote_string(text)), "fuzz");
  if (!again.ok() || again->as_table()->at(0).first != text || *again->as_table()->at(0).second.as_string() != text)
    __builtin_trap();
  return 0;
}
