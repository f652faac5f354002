// variants.json: what parses can be ordered, for a machine that supports all of it and for one that supports nothing.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "pep/variant_choice.h"
#include "pep/variant_providers.h"
#include "pep/variants_json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pkg::pep;
  const auto release = VariantsJson::parse({reinterpret_cast<const char*>(data), size});
  if (!release.ok()) return 0;
  VariantProperties everything;
  for (const auto& variant : release->variants)
    for (const auto& ns : variant.properties)
      for (const auto& feature : ns.features)
        for (const auto& value : feature.values) add_property({ns.name, feature.name, value}, everything);
  PKG_CHECK(VariantChoice(*release, everything).usable().size() == release->variants.size());
  for (const auto* variant : VariantChoice(*release, {}).usable()) PKG_CHECK(variant->properties.empty());
  const std::string capability = "9.0";
  (void)nvidia_support("12.8", {&capability, 1}, *release);
  return 0;
}
