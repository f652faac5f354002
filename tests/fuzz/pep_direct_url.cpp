// direct_url.json: what is read and written is stable after one round, and without credentials.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "pep/direct_url.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pkg::pep;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string stripped = strip_credentials(text);
  PKG_CHECK(strip_credentials(stripped) == stripped);
  const auto direct = DirectUrl::parse(text);
  if (!direct.ok()) return 0;
  const auto again = DirectUrl::parse(direct->to_json());
  PKG_CHECK(again.ok() && again->to_json() == direct->to_json());
  return 0;
}
