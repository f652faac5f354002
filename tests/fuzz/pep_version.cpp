// Versions: what parses prints a text that parses to the same version, and the order of two is turned around with them.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/check.h"
#include "pep/version.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using pkg::pep::Version;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t middle = size / 2;
  const auto a = Version::try_parse(text), b = Version::try_parse(text.substr(0, middle)),
             c = Version::try_parse(text.substr(middle));
  for (const auto& version : {a, b, c}) {
    if (!version) continue;
    const auto again = Version::try_parse(version->to_string());
    PKG_CHECK(again && *again == *version && again->hash() == version->hash() &&
              again->to_string() == version->to_string());
    PKG_CHECK(version->strip_local().compare_public(*version) == 0);
  }
  if (b && c) {
    PKG_CHECK((*b < *c) == (*c > *b) && (*b == *c) == (*c == *b));
    PKG_CHECK(*b != *c || b->hash() == c->hash());
    PKG_CHECK((b->compare_public(*c) == 0) == (b->strip_local() == c->strip_local()));
  }
  return 0;
}
