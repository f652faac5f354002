#pragma once
// Environment markers: parse, print, evaluate (PEP 508; dependency-specifiers spec as of 2026).

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "pep/environment.h"
#include "pep/name.h"

namespace pkg::pep {

enum class MarkerVariable : std::uint8_t {
  os_name, sys_platform, platform_machine, platform_python_implementation, platform_release, platform_system, platform_version,
  python_version, python_full_version, implementation_name, implementation_version, extra, extras, dependency_groups,
};
enum class MarkerOperator : std::uint8_t { equal, not_equal, less_equal, greater_equal, less, greater, compatible, arbitrary, in, not_in };

// One comparison: variable OP literal, or literal OP variable when `reversed`.
struct MarkerAtom {
  MarkerVariable variable = MarkerVariable::os_name;
  MarkerOperator op = MarkerOperator::equal;
  std::string literal;
  bool reversed = false;
  bool operator==(const MarkerAtom&) const = default;
};

// A node of the expression, in a flat array: children by index, the root last. Marker algebra and resolver walk this.
struct MarkerNode {
  enum class Kind : std::uint8_t { atom, all, any } kind = Kind::atom;
  MarkerAtom atom;
  std::vector<std::uint32_t> children;
  bool operator==(const MarkerNode&) const = default;
};

// What a marker is evaluated for. `extras` are the ones that `extra == "x"` is true for (normalised); the sets are for lock files (PEP 751).
struct MarkerContext {
  const Environment& environment;
  std::span<const Name> extras = {};
  std::span<const Name> lock_extras = {};
  std::span<const Name> lock_groups = {};
};

// An immutable, shared expression. A default-constructed one is always true.
class Marker {
 public:
  Marker() = default;
  static Result<Marker> parse(std::string_view text);
  bool is_trivial() const { return nodes_ == nullptr; }      // no marker at all
  std::span<const MarkerNode> nodes() const;                  // empty when trivial; the root is the last
  bool evaluate(const MarkerContext& context) const;
  bool mentions_extra() const;
  std::string to_string() const;                              // double quotes, minimal parentheses, normal extra names
  bool operator==(const Marker& other) const;

 private:
  std::shared_ptr<const std::vector<MarkerNode>> nodes_;
};

}  // namespace pkg::pep
