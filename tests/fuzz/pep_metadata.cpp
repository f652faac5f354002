// Core metadata: the essential lines say the same as the whole file.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "pep/metadata.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pkg::pep;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto metadata = Metadata::parse(text);
  const auto essential = essential_metadata(text);
  if (!metadata.ok()) return 0;
  PKG_CHECK(essential.ok());
  const auto again = Metadata::parse(*essential);
  PKG_CHECK(again.ok());
  PKG_CHECK(again->name == metadata->name && again->version == metadata->version);
  PKG_CHECK(again->requires_dist.size() == metadata->requires_dist.size());
  PKG_CHECK(again->broken_requirements == metadata->broken_requirements);
  return 0;
}
