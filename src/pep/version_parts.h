#pragma once
// A version taken apart, numbers as decimal texts of any length (PEP 440): the slow, complete form behind Version.

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pep/version.h"

namespace pkg::pep {

// A number without leading zeros.
using Decimal = std::string;

struct VersionParts {
  Decimal epoch = "0";
  std::vector<Decimal> release;
  PreKind pre = PreKind::none;
  Decimal pre_number;  // when pre is not none
  std::optional<Decimal> post;
  std::optional<Decimal> dev;
  std::vector<std::string> local;  // lower-case; numbers without leading zeros
};

// Every spelling of PEP 440; white space around it is allowed.
std::optional<VersionParts> parse_version_parts(std::string_view text);

std::string base_text(const VersionParts& parts);
std::string public_text(const VersionParts& parts);
std::string local_text(const VersionParts& parts);

std::strong_ordering compare_decimals(std::string_view a, std::string_view b);
std::strong_ordering compare_releases(const VersionParts& a, const VersionParts& b,
                                      std::size_t segments);  // padded with zeros; no epoch
std::strong_ordering compare_public_parts(const VersionParts& a, const VersionParts& b);
std::strong_ordering compare_locals(const VersionParts& a, const VersionParts& b);

}  // namespace pkg::pep
