#include "ops/solve/variant_files.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "base/text.h"
#include "support/printers.h"

using namespace pkg;
using Mode = ops::VariantPolicy::Mode;

namespace {

constexpr std::string_view kRelease = R"({
  "$schema": "https://schemas.example/v0.1.0.json",
  "default-priorities": {"namespace": ["gpu", "x86_64"]},
  "variants": {
    "null": {}, "low": {"gpu": {"model": ["low"]}}, "high": {"gpu": {"model": ["high"]}},
    "v3": {"x86_64": {"level": ["v3"]}}
  }
})";

index::VariantFiles release_of(const std::vector<std::string>& labels, bool has_json = true) {
  index::VariantFiles files;
  pep::DistFile file;
  file.project = pep::Name::from_normalized("foo");
  file.version = pep::Version::parse("1").value();
  for (const auto& label : labels) {
    files.wheels.push_back(file);
    files.wheels.back().file_name = cat("foo-1-", label, ".whl");
  }
  file.file_name = "foo-1-variants.json";
  if (has_json) files.json = file;
  return files;
}

ops::VariantPolicy policy_of(Mode mode, const std::vector<std::string>& named = {}) {
  ops::VariantPolicy policy;
  policy.mode = mode;
  policy.target.environment.platform_machine = "none";  // nothing is found out of it
  const std::vector<pep::Tag> tags = {{"py3", "none", "any"}};
  policy.target.tags = std::make_shared<pep::TagSet>(tags);
  for (const auto& text : named) pep::add_property(pep::VariantProperty::parse(text).value(), policy.named);
  return policy;
}

// "high 0, null 2 | why not | left out", and how often the file was asked for.
std::string told(const index::VariantFiles& files, const ops::VariantPolicy& policy, std::string_view text = kRelease) {
  int asked = 0;
  const auto chosen = ops::choose_variants(files, policy, [&](const pep::DistFile&) {
    ++asked;
    return Result<std::string>(std::string(text));
  });
  if (!chosen) return cat("error: ", chosen.error().message);
  std::vector<std::string> usable;
  for (const auto& file : chosen->usable) usable.push_back(cat(file.variant->label, " ", file.variant->rank));
  return cat(join(usable, ", "), " | ", chosen->misfit, " | ", join(chosen->left_out, ", "), " | asked ", asked);
}

}  // namespace

TEST_CASE("variants that fit have their rank, and their file is asked for once") {
  const auto files = release_of({"py3-none-any-null", "py3-none-any-low", "py3-none-any-high", "py3-none-any-v3"});
  CHECK(told(files, policy_of(Mode::best, {"gpu :: model :: high", "gpu :: model :: low"})) ==
        "null 2, low 1, high 0 |  |  | asked 1");
  CHECK(told(files, policy_of(Mode::best, {"x86_64 :: level :: v3"})) == "null 1, v3 0 |  |  | asked 1");
  CHECK(told(files, policy_of(Mode::best)) == "null 0 |  |  | asked 1");
}

TEST_CASE("the file is not asked for where it says nothing of use") {
  CHECK(told(release_of({"py3-none-any-null"}), policy_of(Mode::best)) == "null 0 |  |  | asked 0");
  CHECK(told(release_of({"py3-none-win_amd64-low", "py3-none-any-null"}), policy_of(Mode::best)) ==
        "null 0 |  |  | asked 0");
  CHECK(told(release_of({"py3-none-win_amd64-low"}), policy_of(Mode::best)) ==
        " | they are for other platforms only (win_amd64) |  | asked 0");
  CHECK(told(release_of({"py3-none-any-low", "py3-none-any-null"}), policy_of(Mode::none)) ==
        " | `--variant none` leaves them out |  | asked 0");
}

TEST_CASE("why none fits names what each lacks") {
  CHECK(told(release_of({"py3-none-any-low", "py3-none-any-other", "py3-none-any-v3"}), policy_of(Mode::best)) ==
        " | none fits this machine: low needs `gpu :: model :: low`; other is not in `foo-1-variants.json`; v3 needs "
        "`x86_64 :: level :: v3` |  | asked 1");
  CHECK(told(release_of({"py3-none-any-low"}, false), policy_of(Mode::best)) ==
        " | the index does not say what they need: it lists no variants.json of the release |  | asked 0");
  CHECK(told(release_of({"py3-none-any-low", "py3-none-any-null"}, false), policy_of(Mode::best)) ==
        "null 0 |  |  | asked 0");
}

TEST_CASE("a newer format tells nothing, a malformed file is an error") {
  const auto files = release_of({"py3-none-any-low", "py3-none-any-null"});
  CHECK(told(files, policy_of(Mode::best), R"({"$schema": "v2.0.0.json"})") == "null 0 |  |  | asked 1");
  CHECK(told(release_of({"py3-none-any-low"}), policy_of(Mode::best), R"({"$schema": "v2.0.0.json"})") ==
        " | nothing is known of them: in `foo-1-variants.json`, `$schema` is `v2.0.0.json`, a format that is not known "
        "(known are 0.0, 0.1 and 1.0) |  | asked 1");
  CHECK(told(files, policy_of(Mode::best), "[]") ==
        "error: the index's `foo-1-variants.json` cannot be used: it is no JSON object");
}

TEST_CASE("for a lock the null variant counts, on any platform, and the others are left out") {
  CHECK(told(release_of({"py3-none-win_amd64-null", "py3-none-any-low", "cp312-cp312-win_amd64-low"}),
             policy_of(Mode::null_only)) == "null 0 |  | low | asked 0");
  CHECK(told(release_of({"py3-none-any-low"}), policy_of(Mode::null_only)) ==
        " | which of them fits is known where something is installed, not in a lock | low | asked 0");
}

TEST_CASE("of a wheel that is asked for by its address its own file tells what it needs") {
  constexpr std::string_view kWheel = R"({"$schema": "https://schemas.example/v0.1.0.json",
    "default-priorities": {"namespace": ["gpu"]}, "variants": {"low": {"gpu": {"model": ["low"]}}}})";
  std::string misfit;
  const auto fits = ops::named_variant("low", kWheel, policy_of(Mode::best, {"gpu :: model :: low"}), misfit);
  REQUIRE_OK(fits);
  REQUIRE(*fits != nullptr);
  CHECK((*fits)->properties == pep::VariantProperties{{"gpu", {{"model", {"low"}}}}});
  const auto lacks = ops::named_variant("low", kWheel, policy_of(Mode::best), misfit);
  REQUIRE_OK(lacks);
  CHECK(*lacks == nullptr);
  CHECK(misfit == "is the wheel variant low, which needs `gpu :: model :: low`");
  const auto other = ops::named_variant("high", kWheel, policy_of(Mode::best), misfit);
  REQUIRE_FALSE(other.ok());
  CHECK(other.error().message == "it says nothing of the variant `high`");
}
