#pragma once
// Wheel and sdist file names (PEP 427, PEP 625), and those of wheel variants (PEP 825, draft).

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

// The pieces of "name-version[-build]-interpreters-abis-platforms[-label].whl", as written: views into the file name.
// Only the number of pieces is checked, and with six of them whether the third is a build tag: that begins with a
// number. For callers that rank the tags of many files before they look at a version.
struct WheelNameParts {
  std::string_view name, version, build, interpreters, abis, platforms, label;
};
std::optional<WheelNameParts> split_wheel_name(std::string_view file_name);

struct WheelName {
  Name name;
  Version version;
  BuildTag build;
  std::string interpreters, abis, platforms;  // compressed sets, lower-case: "py2.py3", "none", "any"
  std::string label;                          // of a wheel variant; empty: it is none
  // bad_data says what is wrong. Path separators, control characters and names that no project can have are refused.
  static Result<WheelName> parse(std::string_view file_name);
};

// "name-version-variants.json", which says what the variants of a release are.
struct VariantsJsonName {
  Name name;
  Version version;
  static std::optional<VariantsJsonName> parse(std::string_view file_name);
};

struct SdistName {
  Name name;
  Version version;
  // `expected`: where the split between name and version is ambiguous in old names, the one that gives this project
  // wins. bad_data: no such name.
  static Result<SdistName> parse(
      std::string_view file_name,
      const Name* expected = nullptr);  // .tar.gz, .zip (and legacy .tgz .tar.bz2 are refused)
};

}  // namespace pkg::pep
