#pragma once
// Version specifiers: ==, !=, <=, >=, <, >, ~=, === and wildcards (PEP 440).

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "pep/version.h"

namespace pkg::pep {

enum class Operator : std::uint8_t {
  equal,
  not_equal,
  less_equal,
  greater_equal,
  less,
  greater,
  compatible,
  arbitrary
};
std::string_view to_string(Operator op);

struct Specifier {
  Operator op = Operator::equal;
  Version version;
  bool wildcard = false;  // ==1.2.* and !=1.2.*
  std::string
      text;  // for ===: the literal; otherwise the version as written where that is not its normal form, else empty

  // bad_data: names the text and what is wrong with it.
  static Result<Specifier> parse(std::string_view text);
  static std::optional<Specifier> try_parse(std::string_view text);  // the same without building an error
  static std::optional<Specifier> try_parse(Operator op, std::string_view version_text);
  // PEP 440 matching by version alone; whether pre-releases are wanted is decided elsewhere (SpecifierSet, resolver
  // policy).
  bool contains(const Version& version) const;
  // `===` compares the text as written: give it when it is known.
  bool contains(const Version& version, std::string_view version_text) const;
  bool contains_text(std::string_view version_text) const;  // a text that is no version is matched by === alone
  bool mentions_prerelease() const;                         // its version is a pre-release, and the operator is not !=
  std::string version_text() const;                         // as written, with ".*"
  std::string to_string() const;
  bool operator==(const Specifier& other)
      const;  // same operator and equal versions (~=: as many release numbers too); === by its text
};

// Comma-separated specifiers, all of which must hold. Empty accepts everything.
class SpecifierSet {
 public:
  static constexpr std::size_t kMost = 1000;  // in a text; no real list comes near
  SpecifierSet() = default;
  // bad_data: a part that is no specifier, or more than kMost.
  static Result<SpecifierSet> parse(std::string_view text);
  static std::optional<SpecifierSet> try_parse(std::string_view text);
  static SpecifierSet from_parts(std::vector<Specifier> parts);

  std::span<const Specifier> parts() const { return parts_; }  // sorted by text, duplicates merged
  bool empty() const { return parts_.empty(); }
  bool contains(const Version& version) const;  // pre-releases as any other version
  bool contains(const Version& version, std::string_view version_text) const;
  bool contains_text(std::string_view version_text) const;  // a text that is no version is matched by === alone
  bool mentions_prerelease() const;
  SpecifierSet intersect(const SpecifierSet& other) const;  // both sets' parts, duplicates merged
  std::string to_string() const;                            // sorted, duplicates merged
  bool operator==(const SpecifierSet&) const = default;

 private:
  void normalize();
  std::vector<Specifier> parts_;
};

inline std::string to_string(const Specifier& specifier) { return specifier.to_string(); }
inline std::string to_string(const SpecifierSet& set) { return set.to_string(); }

bool is_unsatisfiable(const SpecifierSet& set);  // no version at all can match; see specifier_relation.h

}  // namespace pkg::pep
