#pragma once
// Environment markers: parse, print, evaluate (PEP 508; dependency-specifiers spec as of 2026).

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "pep/environment.h"
#include "pep/name.h"
#include "pep/variant.h"

namespace pkg::pep {

enum class MarkerVariable : std::uint8_t {
  os_name,
  sys_platform,
  platform_machine,
  platform_python_implementation,
  platform_release,
  platform_system,
  platform_version,
  python_version,
  python_full_version,
  implementation_name,
  implementation_version,
  extra,
  extras,
  dependency_groups,
  variant_namespaces,  // these four: PEP 825, draft
  variant_features,
  variant_properties,
  variant_label,
};
enum class MarkerOperator : std::uint8_t {
  equal,
  not_equal,
  less_equal,
  greater_equal,
  less,
  greater,
  compatible,
  arbitrary,
  in,
  not_in
};

std::string_view to_string(MarkerVariable variable);
std::string_view to_string(MarkerOperator op);

// One comparison: variable OP literal, or literal OP variable when `reversed`. The grammar also lets through two
// comparisons without a use:
//   two_variables  `literal` is the second variable's name, and is compared as that text (what packaging does)
//   two_literals   `literal` is both texts, the first `split` bytes are the left one; never true
struct MarkerAtom {
  enum class Sides : std::uint8_t { variable_and_literal, two_variables, two_literals };
  MarkerVariable variable = MarkerVariable::os_name;
  MarkerOperator op = MarkerOperator::equal;
  std::string literal;  // normalised where `variable` is extra, extras or dependency_groups
  bool reversed = false;
  Sides sides = Sides::variable_and_literal;
  std::uint32_t split = 0;
  bool operator==(const MarkerAtom&) const = default;
};

// A node of the expression, in a flat array: children by index and before their parents, the root last. Marker algebra
// and resolver walk this.
struct MarkerNode {
  enum class Kind : std::uint8_t { atom, all, any } kind = Kind::atom;
  bool parenthesized = false;  // as written: printed so again, no meaning
  MarkerAtom atom;
  std::vector<std::uint32_t> children;
  bool operator==(const MarkerNode& other) const {
    return kind == other.kind && atom == other.atom && children == other.children;
  }
};

// What a marker is evaluated for. `extras` are the ones that `extra == "x"` is true for (normalised); the sets are for
// lock files (PEP 751). `variant`: of the wheel whose requirement it is; null: that is no variant.
struct MarkerContext {
  const Environment& environment;
  std::span<const Name> extras = {};
  std::span<const Name> lock_extras = {};
  std::span<const Name> lock_groups = {};
  bool is_lock_file = false;  // `extras` and `dependency_groups` exist
  const WheelVariant* variant = nullptr;
};

struct ParseFailure;
class SpecifierSet;

// An immutable, shared expression. A default-constructed one is always true.
class Marker {
 public:
  Marker() = default;
  static Result<Marker> parse(
      std::string_view text);  // bad_data with a caret in the context; parentheses nested deeper than 64 too
  static std::optional<Marker> try_parse(std::string_view text, ParseFailure& failure);
  static Marker from_nodes(
      std::vector<MarkerNode> nodes);  // precondition: as nodes() describes; empty gives the trivial marker
  bool is_trivial() const { return nodes_ == nullptr; }  // no marker at all
  std::span<const MarkerNode> nodes() const;  // empty when trivial; the root is the last; valid as long as this marker
  // A comparison that has no meaning, such as `os_name ~= "x"`, is false.
  bool evaluate(const MarkerContext& context) const;
  bool mentions_extra() const;
  bool mentions_variant() const;
  // What is left of it where it is known which variant the wheel is (null: it is none): nothing is said of variants any
  // more. nullopt: it never holds.
  std::optional<Marker> for_variant(const WheelVariant* variant) const;
  std::string to_string() const;               // double quotes, normal extra names, no parentheses but those that group
  bool operator==(const Marker& other) const;  // the same expression

 private:
  std::shared_ptr<const std::vector<MarkerNode>> nodes_;
};

std::string to_string(const MarkerAtom& atom);

// Both hold. A trivial side is left out.
Marker both(const Marker& a, const Marker& b);
// `"name" in extras` and `"name" in dependency_groups`, the forms of lock files (PEP 751).
Marker in_extras(const Name& extra);
Marker in_dependency_groups(const Name& group);
// The Pythons of a Requires-Python, in terms of `python_full_version`. Trivial for an empty set.
Marker for_pythons(const SpecifierSet& pythons);

inline std::string to_string(const Marker& marker) { return marker.to_string(); }

}  // namespace pkg::pep
