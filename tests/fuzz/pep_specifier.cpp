// Specifier sets: what parses prints a text that parses to the same set, which takes the same versions.
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "pep/specifier.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto set = pkg::pep::SpecifierSet::try_parse(text);
  if (!set) return 0;
  const auto again = pkg::pep::SpecifierSet::try_parse(set->to_string());
  PKG_CHECK(again && *again == *set && again->to_string() == set->to_string());
  for (const pkg::pep::Specifier& part : set->parts())
    PKG_CHECK(set->contains(part.version) == again->contains(part.version));
  PKG_CHECK(set->intersect(*set) == *set);
  return 0;
}
