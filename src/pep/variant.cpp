#include "pep/variant.h"

#include <algorithm>

#include "base/text.h"

namespace pkg::pep {
namespace {

constexpr std::string_view kSeparator = "::";

bool is_word_character(char c) { return (c >= 'a' && c <= 'z') || is_ascii_digit(c) || c == '_'; }

template <class Item>
Item& named(std::string_view name, std::vector<Item>& items) {
  const auto found = std::ranges::find(items, name, &Item::name);
  if (found != items.end()) return *found;
  items.emplace_back();
  items.back().name = name;
  return items.back();
}

template <class Item>
const Item* find_named(const std::vector<Item>& items, std::string_view name) {
  const auto found = std::ranges::find(items, name, &Item::name);
  return found == items.end() ? nullptr : &*found;
}

}  // namespace

bool is_variant_word(std::string_view text) { return !text.empty() && std::ranges::all_of(text, is_word_character); }

bool is_variant_value(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c == '.' || is_word_character(c); });
}

Result<VariantProperty> VariantProperty::parse(std::string_view text) {
  constexpr std::string_view kForm = "such as `nvidia :: cuda_version_lower_bound :: 12.8`";
  const auto first = text.find(kSeparator);
  const auto second = first == std::string_view::npos ? first : text.find(kSeparator, first + kSeparator.size());
  if (second == std::string_view::npos)
    return make_error(ErrorKind::bad_data,
                      cat(quote(text), " is no variant property: expected `namespace :: feature :: value`"),
                      std::string(kForm));
  VariantProperty property{std::string(trim(text.substr(0, first))),
                           std::string(trim(text.substr(first + 2, second - first - 2))),
                           std::string(trim(text.substr(second + 2)))};
  const auto wrong = [&](std::string_view what, std::string_view found, std::string_view allowed) {
    return make_error(ErrorKind::bad_data, cat(quote(text), " is no variant property: its ", what, " ", quote(found),
                                               " is not made of ", allowed));
  };
  if (!is_variant_word(property.ns)) return wrong("namespace", property.ns, "a-z, 0-9 and `_`");
  if (!is_variant_word(property.feature)) return wrong("feature", property.feature, "a-z, 0-9 and `_`");
  if (!is_variant_value(property.value)) return wrong("value", property.value, "a-z, 0-9, `_` and `.`");
  return property;
}

std::string VariantProperty::to_string() const { return cat(ns, " :: ", feature, " :: ", value); }

void add_property(const VariantProperty& property, VariantProperties& properties) {
  auto& values = named(property.feature, named(property.ns, properties).features).values;
  if (std::ranges::find(values, property.value) == values.end()) values.push_back(property.value);
}

const VariantNamespace* find_namespace(const VariantProperties& properties, std::string_view name) {
  return find_named(properties, name);
}

const VariantFeature* find_feature(const VariantNamespace& in, std::string_view name) {
  return find_named(in.features, name);
}

}  // namespace pkg::pep
