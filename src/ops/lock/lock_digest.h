#pragma once
// The digest of a lock's inputs: equal inputs give equal digests, whatever comments and layout pyproject.toml has.

#include <string>
#include <utility>
#include <vector>

#include "base/toml.h"
#include "index/settings.h"
#include "ops/inputs/inputs.h"
#include "ops/project/project.h"

namespace pkg::ops {

// Everything a resolution of the project depends on, besides the answers of the indexes.
struct DigestInputs {
  const Project& project;
  const Inputs& inputs;  // constraints, overrides and excludes that are not the project's own
  const std::vector<std::pair<std::string, std::string>>& options;
  const index::Settings& settings;  // which indexes; credentials do not count
  bool mirror_neutral = false;      // addresses of indexes do not count either
};

// Addresses that differ in the last slash alone are one.
std::string with_slash(std::string url);

std::string inputs_digest(const DigestInputs& inputs);  // sha256, hex

}  // namespace pkg::ops
