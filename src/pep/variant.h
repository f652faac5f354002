#pragma once
// The words of wheel variants (PEP 825, draft): properties, and the variant that one wheel is.
//
// A property is "namespace :: feature :: value". A machine supports some of them; a wheel fits when the machine has,
// of each feature that the wheel names, one of the values that it names.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pkg::pep {

inline constexpr std::string_view kNullVariant = "null";  // the label of the variant without properties

struct VariantProperty {
  std::string ns, feature, value;
  // White space around the parts does not count. bad_data: says what is wrong.
  static Result<VariantProperty> parse(std::string_view text);
  std::string to_string() const;  // "nvidia :: sm_arch :: 90_real"
  bool operator==(const VariantProperty&) const = default;
};

// Properties by namespace and feature. Where they are what a machine supports, the order is that of preference, best
// first; there may be features without values.
struct VariantFeature {
  std::string name;
  std::vector<std::string> values;
  bool operator==(const VariantFeature&) const = default;
};
struct VariantNamespace {
  std::string name;
  std::vector<VariantFeature> features;
  bool operator==(const VariantNamespace&) const = default;
};
using VariantProperties = std::vector<VariantNamespace>;

void add_property(const VariantProperty& property, VariantProperties& properties);  // at the end of its feature, once
const VariantNamespace* find_namespace(const VariantProperties& properties, std::string_view name);  // nullptr: none
const VariantFeature* find_feature(const VariantNamespace& in, std::string_view name);               // nullptr: none

// What a wheel is as a variant, where it is one.
struct WheelVariant {
  std::string label;
  VariantProperties properties;
  std::uint32_t rank = 0;  // among the variants of its release for the machine: 0 is the best
};

bool is_variant_word(std::string_view text);   // of namespaces and features: a-z, 0-9, `_`
bool is_variant_value(std::string_view text);  // of values and labels: the same and `.`

}  // namespace pkg::pep
