#pragma once
// What the variants of a release are: NAME-VERSION-variants.json of an index, and variant.json of a wheel, which has
// the same form (PEP 825, draft). Format versions 0.0, 0.1 and 1.0; keys of PEP 817's older drafts, as `providers`, are
// read over: pkg runs no provider.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "pep/variant.h"

namespace pkg::pep {

struct VariantsJson {
  struct Variant {
    std::string label;
    VariantProperties properties;  // no feature without values
    bool operator==(const Variant&) const = default;
  };
  // `default-priorities`, each best first: namespaces, among them every one that a variant names; features of some of
  // them (without values); values of some features.
  std::vector<std::string> namespaces;
  VariantProperties features, values;
  std::vector<Variant> variants;  // labels are unique

  const Variant* find(std::string_view label) const;  // nullptr: there is none

  // bad_data: malformed, or against the rules of the format; the place is named. unsupported: a format of another
  // version. The caller says which file it is.
  static Result<VariantsJson> parse(std::string_view text);
  bool operator==(const VariantsJson&) const = default;
};

// What the wheel is, by its variant.json, which speaks of no other; null: the text does not say, or is malformed.
std::shared_ptr<const WheelVariant> variant_of_wheel(std::string_view text);

}  // namespace pkg::pep
