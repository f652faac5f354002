#pragma once
// How the command line and the settings want things resolved.

#include <string>
#include <vector>

#include "resolver/policy.h"

namespace pkg::ops {

enum class UpgradeStrategy { only_if_needed, eager };

// Flags that every verb that resolves understands (docs/reference/commands.md).
struct ResolveOptions {
  resolver::Policy policy;
  bool upgrade = false;
  UpgradeStrategy upgrade_strategy = UpgradeStrategy::only_if_needed;
  std::vector<std::string> upgrade_packages;  // -P NAME[==V]
  std::string exclude_newer;                  // as it was given; policy.exclude_newer is what it means today
};

}  // namespace pkg::ops
