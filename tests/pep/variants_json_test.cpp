#include "pep/variants_json.h"

#include <string>

#include "base/text.h"
#include "support/printers.h"

namespace pkg::pep {
namespace {

constexpr std::string_view kSchema = R"("$schema": "https://schemas.example/peps/825/v0.1.0.json")";

std::string file(std::string_view priorities, std::string_view variants) {
  return cat("{", kSchema, R"(, "default-priorities": )", priorities, R"(, "variants": )", variants, "}");
}

std::string error_of(const std::string& text) {
  const auto parsed = VariantsJson::parse(text);
  return parsed.ok() ? "parsed" : parsed.error().message;
}

}  // namespace

TEST_CASE("a file says what each label means, and what is preferred") {
  const auto parsed = VariantsJson::parse(file(
      R"({"namespace": ["x86_64", "blas"], "feature": {"blas": ["library"]}, "property": {"blas": {"library": ["mkl"]}}})",
      R"({"null": {}, "v4_mkl": {"blas": {"library": ["mkl"]}, "x86_64": {"level": ["v4"]}}})"));
  REQUIRE_OK(parsed);
  CHECK(parsed->namespaces == std::vector<std::string>{"x86_64", "blas"});
  CHECK(parsed->features == VariantProperties{{"blas", {{"library", {}}}}});
  CHECK(parsed->values == VariantProperties{{"blas", {{"library", {"mkl"}}}}});
  REQUIRE(parsed->variants.size() == 2);
  CHECK(parsed->variants[0] == VariantsJson::Variant{"null", {}});
  CHECK(parsed->variants[1] ==
        VariantsJson::Variant{"v4_mkl", {{"blas", {{"library", {"mkl"}}}}, {"x86_64", {{"level", {"v4"}}}}}});
  CHECK(parsed->find("v4_mkl") == &parsed->variants[1]);
  CHECK(parsed->find("v4") == nullptr);
}

TEST_CASE("keys of older drafts are read over") {
  const std::string text =
      R"({"$schema": "https://schemas.example/v0.0.3.json", "providers": {"nvidia": {"requires": ["x"]}},
          "default-priorities": {"namespace": ["nvidia"]}, "variants": {"cu12": {"nvidia": {"sm_arch": ["90_real"]}}}})";
  REQUIRE_OK(VariantsJson::parse(text));
}

TEST_CASE("a format of another version is unsupported, which is told from a malformed one") {
  for (const std::string_view version : {"v0.2.0", "v1.1.0", "v2.0.0", "latest"}) {
    const auto parsed = VariantsJson::parse(cat(R"({"$schema": "https://schemas.example/)", version, R"(.json"})"));
    REQUIRE_FALSE(parsed.ok());
    CHECK(parsed.error().kind == ErrorKind::unsupported);
  }
  CHECK(error_of(R"({"$schema": "https://schemas.example/v2.0.0.json"})") ==
        "`$schema` is `https://schemas.example/v2.0.0.json`, a format that is not known (known are 0.0, 0.1 and 1.0)");
}

TEST_CASE("what is against the format is named with its place") {
  const struct {
    std::string text, error;
  } table[] = {
      {"[]", "it is no JSON object"},
      {"{}", "`$schema` is missing: the version of the format is not known"},
      {cat("{", kSchema, "}"), "`default-priorities` is missing"},
      {cat("{", kSchema, R"(, "default-priorities": {}})"), "`variants` is missing"},
      {file("{}", "{}"), "`default-priorities` has no `namespace`, the list of namespaces"},
      {file("[]", "{}"), "`default-priorities` is no table"},
      {file(R"({"namespace": "x"})", "{}"), "`default-priorities.namespace` is no list of namespaces"},
      {file(R"({"namespace": ["X"]})", "{}"), "`default-priorities.namespace` holds `X`, which is no namespace"},
      {file(R"({"namespace": ["x", "x"]})", "{}"), "`default-priorities.namespace` names `x` twice"},
      {file(R"({"namespace": [1]})", "{}"),
       "`default-priorities.namespace` holds something else than a text, which is no namespace"},
      {file(R"({"namespace": ["x"], "feature": {"x": {}}})", "{}"),
       "`default-priorities.feature.x` is no list of features"},
      {file(R"({"namespace": ["x"], "property": {"x": []}})", "{}"),
       "`default-priorities.property.x` is no table of features"},
      {file(R"({"namespace": ["x"]})", "[]"), "`variants` is no table"},
      {file(R"({"namespace": ["x"]})", R"({"A": {}})"), "`variants` names `A`, which is no label"},
      {file(R"({"namespace": ["x"]})", R"({"a": {"y": {"f": ["1"]}}})"),
       "`variants.a` names the namespace `y`, which `default-priorities.namespace` does not list"},
      {file(R"({"namespace": ["x"]})", R"({"a": {"x": {"f": []}}})"), "`variants.a.x.f` has no value"},
      {file(R"({"namespace": ["x"]})", R"({"a": {"x": {"f": "1"}}})"), "`variants.a.x.f` is no list of values"},
      {file(R"({"namespace": ["x"]})", R"({"a": {"x": {"f": ["a b"]}}})"),
       "`variants.a.x.f` holds `a b`, which is no value"},
      {file(R"({"namespace": ["x"]})", R"({"null": {"x": {"f": ["1"]}}})"),
       "`variants.null` has properties, and the label `null` is kept for the variant without any"},
  };
  for (const auto& [text, error] : table) {
    CAPTURE(text);
    CHECK(error_of(text) == error);
  }
  CHECK(error_of("{").starts_with("malformed JSON at line 1"));
}

TEST_CASE("variant.json of a wheel says what the wheel is") {
  const auto variant = variant_of_wheel(file(R"({"namespace": ["x"]})", R"({"a": {"x": {"f": ["1"]}}})"));
  REQUIRE(variant != nullptr);
  CHECK(variant->label == "a");
  CHECK(variant->properties == VariantProperties{{"x", {{"f", {"1"}}}}});
  CHECK(variant_of_wheel(file(R"({"namespace": []})", R"({"a": {}, "b": {}})")) == nullptr);
  CHECK(variant_of_wheel("nonsense") == nullptr);
}

}  // namespace pkg::pep
