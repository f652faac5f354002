#include "pep/variant_providers.h"

#include <algorithm>
#include <optional>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "base/text.h"

namespace pkg::pep {
namespace {

struct Number {
  std::uint64_t major = 0, minor = 0;
  auto operator<=>(const Number&) const = default;
};

// "12.8", "13".
std::optional<Number> parse_number(std::string_view text) {
  const auto dot = text.find('.');
  const auto major = parse_u64(text.substr(0, dot));
  const auto minor = dot == std::string_view::npos ? 0 : parse_u64(text.substr(dot + 1));
  return major && minor ? std::optional(Number{*major, *minor}) : std::nullopt;
}

struct Architecture {
  Number capability;
  bool is_virtual = false;
};

// "90_real", "120_virtual": the last digit is the minor version.
std::optional<Architecture> parse_architecture(std::string_view text) {
  const auto end = text.find('_');
  if (end == std::string_view::npos || end < 2) return std::nullopt;
  const auto kind = text.substr(end + 1);
  const auto major = parse_u64(text.substr(0, end - 1)), minor = parse_u64(text.substr(end - 1, 1));
  if (!major || !minor || (kind != "real" && kind != "virtual")) return std::nullopt;
  return Architecture{{*major, *minor}, kind == "virtual"};
}

// The values of a feature that the release names, each once.
std::set<std::string> named_values(const VariantsJson& release, std::string_view ns, std::string_view feature) {
  std::set<std::string> values;
  const auto take = [&](const VariantProperties& properties) {
    const auto* const space = find_namespace(properties, ns);
    if (const auto* const found = space == nullptr ? nullptr : find_feature(*space, feature))
      values.insert(found->values.begin(), found->values.end());
  };
  take(release.values);
  for (const auto& variant : release.variants) take(variant.properties);
  return values;
}

// Those that `rank` accepts, the highest first.
template <class Rank>
VariantFeature feature_of(std::string_view name, const VariantsJson& release, const Rank& rank) {
  using Found = std::pair<typename decltype(rank(std::string()))::value_type, std::string>;
  std::vector<Found> found;
  for (const auto& value : named_values(release, kNvidiaNamespace, name))
    if (auto place = rank(value)) found.emplace_back(*std::move(place), value);
  std::ranges::sort(found, std::ranges::greater{});
  VariantFeature feature{std::string(name), {}};
  for (auto& one : found) feature.values.push_back(std::move(one.second));
  return feature;
}

VariantFeature sm_arch(const Number& device, const VariantsJson& release) {
  using Rank = std::tuple<bool, Number>;  // machine code goes before what has to be translated
  return feature_of("sm_arch", release, [&](const std::string& value) -> std::optional<Rank> {
    const auto built_for = parse_architecture(value);
    const bool fits = built_for && built_for->capability <= device &&
                      (built_for->is_virtual || built_for->capability.major == device.major);
    return fits ? std::optional(Rank{!built_for->is_virtual, built_for->capability}) : std::nullopt;
  });
}

}  // namespace

VariantNamespace nvidia_support(std::string_view cuda, std::span<const std::string> capabilities,
                                const VariantsJson& release) {
  VariantNamespace supported{std::string(kNvidiaNamespace), {}};
  const auto driver = parse_number(cuda);
  if (!driver) return supported;
  const auto bound = [&](std::string_view name, bool is_lower) {
    supported.features.push_back(feature_of(name, release, [&](const std::string& value) {
      const auto number = parse_number(value);
      return number && (*number <= *driver) == is_lower ? number : std::nullopt;
    }));
  };
  bound("cuda_version_lower_bound", true);
  bound("cuda_version_upper_bound", false);
  const auto device = capabilities.empty() ? std::nullopt : parse_number(capabilities.back());
  if (device) supported.features.push_back(sm_arch(*device, release));
  return supported;
}

VariantNamespace x86_64_support(int level) {
  VariantNamespace supported{std::string(kX86Namespace), {}};
  if (level == 0) return supported;
  VariantFeature feature{"level", {}};
  for (int one = level; one > 0; --one) feature.values.push_back(cat("v", one));
  supported.features.push_back(std::move(feature));
  return supported;
}

}  // namespace pkg::pep
