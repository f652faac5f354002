// Any text as a URL: parse(print(x)) == x, and a password is never shown.
#include <cstddef>
#include <cstdint>

#include "base/url.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)pkg::url::join("https://h/a/b?c#d", text);
  (void)pkg::url::file_name(text);
  (void)pkg::url::file_url_to_path(text).ok();
  const auto url = pkg::url::Url::parse(text);
  if (!url.ok()) return 0;
  const auto again = pkg::url::Url::parse(url->to_string());
  if (!again.ok() || again->to_string() != url->to_string() || again->origin() != url->origin()) __builtin_trap();
  return 0;
}
