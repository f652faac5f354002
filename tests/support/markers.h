#pragma once
// Markers of texts that are right.

#include <string_view>

#include "pep/marker.h"
#include "support/printers.h"

namespace pkg::test {

inline pep::Marker marker(std::string_view text) {
  auto parsed = pep::Marker::parse(text);
  REQUIRE_OK(parsed);
  return *parsed;
}

}  // namespace pkg::test
