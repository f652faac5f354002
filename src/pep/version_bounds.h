#pragma once
// The bounds that `pkg add` writes for a version that was chosen.

#include <cstdint>

#include "pep/specifier.h"
#include "pep/version.h"

namespace pkg::pep {

// For 1.2.3: `>=1.2.3` · `>=1.2.3,<2` · `>=1.2.3,<1.3` · `==1.2.3`. Leading zeros of the release are skipped: major for
// 0.1.2 is `<0.2`.
enum class Bounds : std::uint8_t { lower, major, minor, exact };

// Without the version's local label, which bounds cannot have.
SpecifierSet bounds_of(const Version& version, Bounds bounds);

}  // namespace pkg::pep
