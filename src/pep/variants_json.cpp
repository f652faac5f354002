#include "pep/variants_json.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>

#include "base/json.h"
#include "base/text.h"

namespace pkg::pep {
namespace {

using json::Json;

constexpr std::size_t kMostVariants = 4096;
constexpr std::size_t kMostDepth = 8;
constexpr std::array<std::string_view, 3> kKnownFormats = {"0.0", "0.1", "1.0"};
constexpr std::string_view kPriorities = "default-priorities";

Error wrong(std::string_view place, std::string_view what) {
  return make_error(ErrorKind::bad_data, cat(quote(place), " ", what));
}

std::string below(std::string_view place, std::string_view key) { return cat(place, ".", key); }

// A list of texts, each once, that `is_right` accepts.
Result<std::vector<std::string>> read_list(const Json& json, std::string_view place, bool (*is_right)(std::string_view),
                                           std::string_view what) {
  if (!json.is_array()) return wrong(place, cat("is no list of ", what, "s"));
  std::vector<std::string> items;
  std::set<std::string_view> seen;
  items.reserve(json.size());
  for (const auto& item : json) {
    const auto* text = item.get_ptr<const std::string*>();
    if (text == nullptr || !is_right(*text))
      return wrong(place, cat("holds ", text == nullptr ? std::string("something else than a text") : quote(*text),
                              ", which is no ", what));
    if (!seen.insert(*text).second) return wrong(place, cat("names ", quote(*text), " twice"));
    items.push_back(*text);
  }
  return items;
}

// {feature: [values]}.
Result<std::vector<VariantFeature>> read_features(const Json& json, const std::string& place) {
  if (!json.is_object()) return wrong(place, "is no table of features");
  std::vector<VariantFeature> features;
  for (const auto& [name, values] : json.items()) {
    if (!is_variant_word(name)) return wrong(place, cat("names ", quote(name), ", which is no feature"));
    VariantFeature feature{name, {}};
    PKG_TRY_ASSIGN(feature.values, read_list(values, below(place, name), is_variant_value, "value"));
    features.push_back(std::move(feature));
  }
  return features;
}

// {namespace: …}, where `read` makes the features of what stands there.
template <class Read>
Result<VariantProperties> read_namespaces(const Json& json, const std::string& place, const Read& read) {
  if (!json.is_object()) return wrong(place, "is no table of namespaces");
  VariantProperties properties;
  for (const auto& [name, value] : json.items()) {
    if (!is_variant_word(name)) return wrong(place, cat("names ", quote(name), ", which is no namespace"));
    VariantNamespace one{name, {}};
    PKG_TRY_ASSIGN(one.features, read(value, below(place, name)));
    properties.push_back(std::move(one));
  }
  return properties;
}

Result<std::vector<VariantFeature>> read_feature_names(const Json& json, const std::string& place) {
  PKG_TRY_ASSIGN(auto names, read_list(json, place, is_variant_word, "feature"));
  std::vector<VariantFeature> features;
  for (auto& name : names) features.push_back({std::move(name), {}});
  return features;
}

Status read_priorities(const Json& json, VariantsJson& out) {
  const std::string place(kPriorities);
  if (!json.is_object()) return wrong(place, "is no table");
  const auto namespaces = json.find("namespace");
  if (namespaces == json.end()) return wrong(place, "has no `namespace`, the list of namespaces");
  PKG_TRY_ASSIGN(out.namespaces, read_list(*namespaces, below(place, "namespace"), is_variant_word, "namespace"));
  if (const auto features = json.find("feature"); features != json.end()) {
    PKG_TRY_ASSIGN(out.features, read_namespaces(*features, below(place, "feature"), read_feature_names));
  }
  if (const auto values = json.find("property"); values != json.end()) {
    PKG_TRY_ASSIGN(out.values, read_namespaces(*values, below(place, "property"), read_features));
  }
  return ok_status();
}

Status check_variant(const VariantsJson::Variant& variant, const std::set<std::string_view>& namespaces,
                     const std::string& place) {
  if (variant.label == kNullVariant && !variant.properties.empty())
    return wrong(place, "has properties, and the label `null` is kept for the variant without any");
  for (const auto& one : variant.properties) {
    if (!namespaces.contains(one.name))
      return wrong(place, cat("names the namespace ", quote(one.name), ", which ",
                              quote(cat(kPriorities, ".namespace")), " does not list"));
    for (const auto& feature : one.features)
      if (feature.values.empty()) return wrong(below(below(place, one.name), feature.name), "has no value");
  }
  return ok_status();
}

Status read_variants(const Json& json, VariantsJson& out) {
  const std::string place = "variants";
  if (!json.is_object()) return wrong(place, "is no table");
  if (json.size() > kMostVariants)
    return wrong(place, cat("has ", json.size(), " entries, and no more than ", kMostVariants, " are read"));
  const std::set<std::string_view> namespaces(out.namespaces.begin(), out.namespaces.end());
  for (const auto& [label, properties] : json.items()) {
    if (!is_variant_value(label)) return wrong(place, cat("names ", quote(label), ", which is no label"));
    VariantsJson::Variant variant{label, {}};
    PKG_TRY_ASSIGN(variant.properties, read_namespaces(properties, below(place, label), read_features));
    std::erase_if(variant.properties, [](const VariantNamespace& one) { return one.features.empty(); });
    PKG_TRY(check_variant(variant, namespaces, below(place, label)));
    out.variants.push_back(std::move(variant));
  }
  return ok_status();
}

// "https://…/v0.1.0.json": the version of the format is in the schema's address.
Status check_format(const Json& json) {
  const auto schema = json.find("$schema");
  const auto* const text = schema == json.end() ? nullptr : schema->get_ptr<const std::string*>();
  if (text == nullptr) return wrong("$schema", "is missing: the version of the format is not known");
  std::string_view version(*text);
  version = version.substr(version.rfind('/') + 1);  // npos + 1 is 0
  if (version.ends_with(".json")) version.remove_suffix(5);
  if (version.starts_with('v')) version.remove_prefix(1);
  const auto minor = version.substr(0, version.find('.', version.find('.') + 1));
  if (std::ranges::find(kKnownFormats, minor) != kKnownFormats.end()) return ok_status();
  return make_error(ErrorKind::unsupported,
                    cat("`$schema` is ", quote(*text), ", a format that is not known (known are 0.0, 0.1 and 1.0)"));
}

}  // namespace

const VariantsJson::Variant* VariantsJson::find(std::string_view label) const {
  const auto found = std::ranges::find(variants, label, &Variant::label);
  return found == variants.end() ? nullptr : &*found;
}

Result<VariantsJson> VariantsJson::parse(std::string_view text) {
  PKG_TRY_ASSIGN(const auto json, json::parse(text, kMostDepth));
  if (!json.is_object()) return make_error(ErrorKind::bad_data, "it is no JSON object");
  PKG_TRY(check_format(json));
  VariantsJson out;
  for (const std::string_view key : {kPriorities, std::string_view("variants")})
    if (!json.contains(key)) return wrong(key, "is missing");
  PKG_TRY(read_priorities(*json.find(kPriorities), out));
  PKG_TRY(read_variants(*json.find("variants"), out));
  return out;
}

std::shared_ptr<const WheelVariant> variant_of_wheel(std::string_view text) {
  auto parsed = VariantsJson::parse(text);
  if (!parsed || parsed->variants.size() != 1) return nullptr;
  auto& only = parsed->variants.front();
  return std::make_shared<const WheelVariant>(WheelVariant{std::move(only.label), std::move(only.properties), 0});
}

}  // namespace pkg::pep
