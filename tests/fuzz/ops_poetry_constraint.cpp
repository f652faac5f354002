// Poetry's constraints: no crash; the specifiers accept whatever one of the alternatives does, and are read again as
// they are written.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "ops/migrate/poetry_constraint.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pkg;
  const auto constraint = ops::parse_poetry_constraint(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!constraint.ok()) return 0;
  const auto said = ops::specifiers_for(*constraint);
  const auto again = pep::SpecifierSet::parse(said.specifiers.to_string());
  PKG_CHECK(again.ok() && *again == said.specifiers);
  for (const auto* text : {"0.1", "1", "1.5", "2", "2.5.1", "3.8", "3.11", "60"}) {
    const auto version = *pep::Version::try_parse(text);
    for (const auto& set : constraint->any_of)
      if (set.contains(version)) PKG_CHECK(said.specifiers.contains(version));
  }
  const auto marker = ops::python_marker(*constraint);
  if (marker.is_trivial()) return 0;
  const auto marker_again = pep::Marker::parse(marker.to_string());
  PKG_CHECK(marker_again.ok() && *marker_again == marker);
  return 0;
}
