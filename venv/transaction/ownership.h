#pragma once
// Which file belongs to whom. Pure: conflicts are found before anything is written.

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "venv/transaction/placement.h"
#include "venv/transaction/transaction.h"

namespace pkg::venv {

enum class SamePath : std::uint8_t { refuse, last_wins };

// Two wheels bring the same path: with equal bytes it is placed once; else the later wheel's file is taken, or
// `policy` makes it an error: conflict.
Status settle_between_wheels(Placement& placement, std::span<const WheelToInstall> wheels, SamePath policy);

// A claim of a distribution that stays installed on a path where a wheel's file is to go.
struct Claim {
  std::string dist;               // "numpy 2.1.0"
  std::string algorithm, digest;  // of its RECORD, base64url; empty when it gives none
};
// Error `conflict`, unless the bytes are equal or `policy` allows it.
Status settle_with_installed(const Placement& placement, std::span<const WheelToInstall> wheels, const PlacedDir& dir,
                             const PlacedFile& file, const Claim& claim, SamePath policy);

}  // namespace pkg::venv
