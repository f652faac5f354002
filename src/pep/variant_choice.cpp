#include "pep/variant_choice.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace pkg::pep {

std::string VariantLack::to_string() const {
  constexpr std::size_t kMostShown = 3;
  const auto quoted = [&](const std::string& value) { return quote(VariantProperty{ns, feature, value}.to_string()); };
  if (values.size() == 1) return quoted(values.front());
  std::string text = "one of ";
  for (std::size_t i = 0; i < values.size() && i < kMostShown; ++i)
    append(text, i == 0 ? "" : ", ", i == 0 ? quoted(values[i]) : quote(values[i]));
  if (values.size() > kMostShown) append(text, " and ", values.size() - kMostShown, " more");
  return text;
}

VariantChoice::VariantChoice(const VariantsJson& variants, const VariantProperties& supported) : variants_(variants) {
  for (const auto& ns : variants.namespaces) places_.try_emplace(Path{ns}, static_cast<std::uint32_t>(places_.size()));
  for (const auto* priorities : {&variants.features, &supported})
    for (const auto& ns : *priorities)
      for (const auto& feature : ns.features) add_feature(ns.name, feature.name);
  for (const auto& ns : supported)
    for (const auto& feature : ns.features)
      for (const auto& value : feature.values) supported_.insert(Path{ns.name, feature.name, value});
  for (const auto* priorities : {&variants.values, &supported})
    for (const auto& ns : *priorities)
      for (const auto& feature : ns.features)
        for (const auto& value : feature.values) add_value(ns.name, feature.name, value);
}

// Positions only have to grow: one count serves all lists.
void VariantChoice::add_feature(std::string_view ns, std::string_view feature) {
  places_.try_emplace(Path{ns, feature}, static_cast<std::uint32_t>(places_.size()));
}

void VariantChoice::add_value(std::string_view ns, std::string_view feature, std::string_view value) {
  const Path path{ns, feature, value};
  if (supported_.contains(path)) places_.try_emplace(path, static_cast<std::uint32_t>(places_.size()));
}

std::optional<VariantLack> VariantChoice::lack(const VariantsJson::Variant& variant) const {
  for (const auto& ns : variant.properties)
    for (const auto& feature : ns.features) {
      const auto is_supported = [&](const std::string& value) {
        return supported_.contains(Path{ns.name, feature.name, value});
      };
      if (std::ranges::none_of(feature.values, is_supported)) return VariantLack{ns.name, feature.name, feature.values};
    }
  return std::nullopt;
}

std::vector<VariantChoice::Key> VariantChoice::keys(const VariantsJson::Variant& variant) const {
  const auto place = [&](const Path& path) {
    const auto known = places_.find(path);
    return known == places_.end() ? UINT32_MAX : known->second;
  };
  std::vector<Key> keys;
  for (const auto& ns : variant.properties)
    for (const auto& feature : ns.features) {
      Key key{place({ns.name}), place({ns.name, feature.name}), UINT32_MAX};
      for (const auto& value : feature.values) key[2] = std::min(key[2], place({ns.name, feature.name, value}));
      keys.push_back(key);
    }
  std::ranges::sort(keys);
  return keys;
}

std::vector<const VariantsJson::Variant*> VariantChoice::usable() const {
  struct Ranked {
    std::vector<Key> keys;
    const VariantsJson::Variant* variant;
  };
  std::vector<Ranked> ranked;
  for (const auto& variant : variants_.variants)
    if (!lack(variant)) ranked.push_back({keys(variant), &variant});
  std::ranges::sort(ranked, [](const Ranked& a, const Ranked& b) {
    const auto [at, other] = std::ranges::mismatch(a.keys, b.keys);
    if (at != a.keys.end() && other != b.keys.end()) return *at < *other;
    if (a.keys.size() != b.keys.size()) return a.keys.size() > b.keys.size();
    return a.variant->label < b.variant->label;
  });
  std::vector<const VariantsJson::Variant*> best_first;
  for (const auto& one : ranked) best_first.push_back(one.variant);
  return best_first;
}

}  // namespace pkg::pep
