// Markers: what parses prints a text that parses to the same marker, with the same value.
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "pep/marker.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pkg::pep;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto marker = Marker::parse(text);
  if (!marker) return 0;
  const Environment environment{
      .os_name = "posix", .sys_platform = "linux", .python_version = "3.12", .python_full_version = "3.12.4"};
  const MarkerContext context{.environment = environment};
  // A literal that holds both kinds of quotes cannot be: the grammar has no escapes.
  const auto again = Marker::parse(marker->to_string());
  PKG_CHECK(again.ok() && *again == *marker && again->to_string() == marker->to_string());
  PKG_CHECK(again->evaluate(context) == marker->evaluate(context));
  return 0;
}
