#include "resolver/resolution.h"

#include <algorithm>

namespace pkg::resolver {

const Pin* Resolution::find(const pep::Name& name) const {
  const auto at = std::lower_bound(pins.begin(), pins.end(), name,
                                   [](const Pin& pin, const pep::Name& wanted) { return pin.name < wanted; });
  return at != pins.end() && at->name == name ? &*at : nullptr;
}

}  // namespace pkg::resolver
