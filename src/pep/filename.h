#pragma once
// Wheel and sdist file names (PEP 427, PEP 625).

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "pep/name.h"
#include "pep/version.h"

namespace pkg::pep {

// Empty or number + rest; compared in that order.
struct BuildTag {
  std::optional<std::uint64_t> number;
  std::string rest;
  auto operator<=>(const BuildTag&) const = default;
};

struct WheelName {
  Name name;
  Version version;
  BuildTag build;
  std::string interpreters, abis, platforms;  // compressed sets as written: "py2.py3", "none", "any"
  static Result<WheelName> parse(std::string_view file_name);  // "….whl"
};

struct SdistName {
  Name name;
  Version version;
  // `expected`: where the split between name and version is ambiguous in old names, the one that gives this project wins.
  static Result<SdistName> parse(std::string_view file_name, const Name* expected = nullptr);  // .tar.gz, .zip (and legacy .tgz .tar.bz2 are refused)
};

}  // namespace pkg::pep
