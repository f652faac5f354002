#pragma once
// Looking a project up in a resolution.

#include <algorithm>

#include "resolver/resolution.h"

namespace pkg::test {

// The first pin of the project; null: it is not in there.
inline const resolver::Pin* find_pin(const resolver::Resolution& resolution, const pep::Name& name) {
  const auto at = std::ranges::find(resolution.pins, name, &resolver::Pin::name);
  return at != resolution.pins.end() ? &*at : nullptr;
}

}  // namespace pkg::test
