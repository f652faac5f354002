// Wheel and sdist file names: what parses has a name and version that parse again.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "pep/filename.h"
#include "pep/tags.h"
#include "tests/support/tag_list.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pkg::pep;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto wheel = WheelName::parse(text); wheel.ok()) {
    PKG_CHECK(text.find('/') == std::string_view::npos && Name::parse(wheel->name.str()).ok());
    PKG_CHECK(Version::parse(wheel->version.to_string()).value() == wheel->version);
    const auto tags = pkg::test::tags_of_set(wheel->interpreters + "-" + wheel->abis + "-" + wheel->platforms);
    if (tags) PKG_CHECK(TagSet(*tags).rank(wheel->interpreters, wheel->abis, wheel->platforms) == 0u);
  }
  if (const auto sdist = SdistName::parse(text); sdist.ok()) PKG_CHECK(SdistName::parse(text, &sdist->name).ok());
  return 0;
}
