#include "pep/variant_choice.h"

#include <initializer_list>
#include <string>

#include "base/text.h"
#include "pep/variant_providers.h"
#include "support/printers.h"

namespace pkg::pep {
namespace {

VariantProperties properties(std::initializer_list<std::string_view> texts) {
  VariantProperties all;
  for (const auto text : texts) add_property(VariantProperty::parse(text).value(), all);
  return all;
}

struct Release {
  VariantsJson json;
  Release& add(std::string label, std::initializer_list<std::string_view> texts) {
    json.variants.push_back({std::move(label), properties(texts)});
    return *this;
  }
};

Release release(std::vector<std::string> namespaces) {
  Release made;
  made.json.namespaces = std::move(namespaces);
  return made;
}

std::string order(const VariantsJson& json, const VariantProperties& supported) {
  std::vector<std::string> labels;
  for (const auto* variant : VariantChoice(json, supported).usable()) labels.push_back(variant->label);
  return join(labels, " ");
}

std::string lack(const VariantsJson& json, std::string_view label, const VariantProperties& supported) {
  const auto found = VariantChoice(json, supported).lack(*json.find(label));
  return found ? found->to_string() : "nothing";
}

std::string values(const VariantNamespace& ns, std::string_view feature) {
  const auto* found = find_feature(ns, feature);
  return found == nullptr ? "no feature" : join(found->values, " ");
}

}  // namespace

TEST_CASE("a property is read with any white space, and wrong ones are named") {
  const auto property = VariantProperty::parse(" nvidia::sm_arch ::  90_real");
  REQUIRE_OK(property);
  CHECK(property->to_string() == "nvidia :: sm_arch :: 90_real");
  const struct {
    std::string_view text, error;
  } table[] = {
      {"nvidia :: sm_arch", "`nvidia :: sm_arch` is no variant property: expected `namespace :: feature :: value`"},
      {"Nvidia :: a :: b",
       "`Nvidia :: a :: b` is no variant property: its namespace `Nvidia` is not made of a-z, 0-9 and `_`"},
      {"a :: :: b", "`a :: :: b` is no variant property: its feature `` is not made of a-z, 0-9 and `_`"},
      {"a :: b.c :: d", "`a :: b.c :: d` is no variant property: its feature `b.c` is not made of a-z, 0-9 and `_`"},
      {"a :: b :: c :: d",
       "`a :: b :: c :: d` is no variant property: its value `c :: d` is not made of a-z, 0-9, `_` and `.`"},
  };
  for (const auto& [text, error] : table) {
    const auto parsed = VariantProperty::parse(text);
    REQUIRE_FALSE(parsed.ok());
    CHECK(parsed.error().message == error);
  }
}

TEST_CASE("of every feature that a variant names the machine must have one value") {
  auto made = release({"x86_64", "nvidia"});
  made.add("v3", {"x86_64 :: level :: v3"})
      .add("gpu", {"nvidia :: cuda :: 12", "nvidia :: sm :: 80", "nvidia :: sm :: 90"})
      .add("many", {"nvidia :: sm :: 1", "nvidia :: sm :: 2", "nvidia :: sm :: 3", "nvidia :: sm :: 4"})
      .add("null", {});
  const auto& json = made.json;
  const auto machine = properties({"nvidia :: cuda :: 12", "nvidia :: sm :: 90"});
  CHECK(lack(json, "v3", machine) == "`x86_64 :: level :: v3`");
  CHECK(lack(json, "gpu", machine) == "nothing");
  CHECK(lack(json, "null", {}) == "nothing");
  CHECK(lack(json, "gpu", properties({"nvidia :: cuda :: 12"})) == "one of `nvidia :: sm :: 80`, `90`");
  CHECK(lack(json, "many", {}) == "one of `nvidia :: sm :: 1`, `2`, `3` and 1 more");
}

TEST_CASE("variants are ordered by namespace, feature and value, then by how much they say") {
  auto made = release({"n", "m"});
  made.add("null", {})
      .add("m1", {"m :: f :: 1"})
      .add("n_low", {"n :: f :: 1"})
      .add("n_high", {"n :: f :: 2"})
      .add("n_high_m1", {"n :: f :: 2", "m :: f :: 1"})
      .add("n_g", {"n :: g :: 1"})
      .add("n_both", {"n :: f :: 1", "n :: f :: 2"})
      .add("n_other", {"n :: f :: 3"});
  const auto machine = properties({"n :: f :: 2", "n :: f :: 1", "n :: g :: 1", "m :: f :: 1"});
  CHECK(order(made.json, machine) == "n_high_m1 n_both n_high n_low n_g m1 null");
  CHECK(order(made.json, properties({"m :: f :: 1"})) == "m1 null");
  CHECK(order(made.json, {}) == "null");
}

TEST_CASE("what the release prefers goes before what the machine prefers, among what the machine has") {
  auto made = release({"n"});
  made.add("f1", {"n :: f :: 1"})
      .add("f2", {"n :: f :: 2"})
      .add("g1", {"n :: g :: 1"})
      .add("f12", {"n :: f :: 1", "n :: f :: 2"});
  const auto machine = properties({"n :: f :: 2", "n :: f :: 1", "n :: g :: 1"});
  CHECK(order(made.json, machine) == "f12 f2 f1 g1");
  made.json.features = {{"n", {{"g", {}}}}};
  CHECK(order(made.json, machine) == "g1 f12 f2 f1");
  made.json.values = properties({"n :: f :: 3", "n :: f :: 1"});
  CHECK(order(made.json, machine) == "g1 f1 f12 f2");
  CHECK(order(made.json, properties({"n :: f :: 2"})) == "f12 f2");
}

TEST_CASE("namespaces are in the order of the release, whatever the machine has first") {
  auto made = release({"x86_64", "nvidia"});
  made.add("gpu", {"nvidia :: f :: 1"}).add("cpu", {"x86_64 :: level :: v1"});
  CHECK(order(made.json, properties({"nvidia :: f :: 1", "x86_64 :: level :: v1"})) == "cpu gpu");
}

TEST_CASE("a driver supports the versions of CUDA up to its own") {
  auto made = release({"nvidia"});
  for (const char* value : {"11.8", "12", "12.6", "12.8", "12.9", "12.10", "13", "13.0", "x", "1.2.3"}) {
    const auto lower = cat("nvidia :: cuda_version_lower_bound :: ", value);
    const auto upper = cat("nvidia :: cuda_version_upper_bound :: ", value);
    made.add(cat("v", made.json.variants.size()), {lower, upper});
  }
  const auto supported = nvidia_support("12.8", {}, made.json);
  CHECK(values(supported, "cuda_version_lower_bound") == "12.8 12.6 12 11.8");
  CHECK(values(supported, "cuda_version_upper_bound") == "13.0 13 12.10 12.9");
  CHECK(values(supported, "sm_arch") == "no feature");
  CHECK(nvidia_support("", {}, made.json).features.empty());
}

TEST_CASE("machine code runs on its major version from its minor on, translated code on everything newer") {
  auto made = release({"nvidia"});
  made.add("all", {"nvidia :: sm_arch :: 75_real", "nvidia :: sm_arch :: 80_real", "nvidia :: sm_arch :: 86_real",
                   "nvidia :: sm_arch :: 89_real", "nvidia :: sm_arch :: 90_real", "nvidia :: sm_arch :: 80_virtual",
                   "nvidia :: sm_arch :: 120_virtual", "nvidia :: sm_arch :: 70_virtual",
                   "nvidia :: sm_arch :: 90a_real", "nvidia :: sm_arch :: real"});
  const std::vector<std::string> two = {"7.5", "8.6"};
  CHECK(values(nvidia_support("12.8", two, made.json), "sm_arch") == "86_real 80_real 80_virtual 70_virtual");
  const std::vector<std::string> newest = {"12.0"};
  CHECK(values(nvidia_support("12.8", newest, made.json), "sm_arch") == "120_virtual 80_virtual 70_virtual");
}

TEST_CASE("a processor supports its level and those below") {
  CHECK(values(x86_64_support(3), "level") == "v3 v2 v1");
  CHECK(x86_64_support(0).features.empty());
}

}  // namespace pkg::pep
