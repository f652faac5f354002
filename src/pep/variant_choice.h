#pragma once
// Which variants of a release a machine can use, and which of them is the best (PEP 825, draft, "Variant ordering").
//
// Namespaces are ordered by the release alone; features and values first as the release says, then as the machine
// prefers them. A variant is as good as its best property; of two that are equal in that, the next one counts, and of
// two where one goes on, that one is better. Of several values of one feature the best one that the machine has counts.

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "pep/variant.h"
#include "pep/variants_json.h"

namespace pkg::pep {

// A feature of which the machine has none of the values that a variant asks for.
struct VariantLack {
  std::string ns, feature;
  std::vector<std::string> values;
  std::string to_string() const;  // "`x86_64 :: level :: v4`", "one of …"
  bool operator==(const VariantLack&) const = default;
};

class VariantChoice {
 public:
  // Both outlive this.
  VariantChoice(const VariantsJson& variants, const VariantProperties& supported);

  // Why the variant cannot be used: the first of its features that lacks; nullopt: it can.
  std::optional<VariantLack> lack(const VariantsJson::Variant& variant) const;
  std::vector<const VariantsJson::Variant*> usable() const;  // best first

 private:
  using Key = std::array<std::uint32_t, 3>;  // of a property: positions of namespace, feature, value
  using Path = std::array<std::string_view, 3>;
  void add_feature(std::string_view ns, std::string_view feature);
  void add_value(std::string_view ns, std::string_view feature, std::string_view value);
  std::vector<Key> keys(const VariantsJson::Variant& variant) const;

  const VariantsJson& variants_;
  std::set<Path> supported_;
  std::map<Path, std::uint32_t> places_;  // (ns), (ns, feature), (ns, feature, value), the rest empty: its position
};

}  // namespace pkg::pep
