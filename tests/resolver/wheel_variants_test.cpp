// Wheel variants among the files of a release: their tags, and their place in the order. Which of them fit the source
// has decided (tests/ops/solve/variant_files_test.cpp).

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "base/text.h"
#include "resolver/candidates.h"
#include "resolver/policy.h"
#include "resolver/resolve.h"
#include "resolver/wheel_tags.h"
#include "support/printers.h"

using namespace pkg;

namespace {

std::string tags(std::string_view file_name) {
  const auto found = resolver::wheel_tags(file_name);
  if (!found) return "none";
  return cat(found->interpreters, " ", found->abis, " ", found->platforms, found->has_build ? " build" : "");
}

const auto kName = pep::Name::from_normalized("foo");

pep::DistFile file(const std::string& file_name, std::optional<std::uint32_t> rank = {}) {
  pep::DistFile one;
  one.project = kName;
  one.version = pep::Version::parse("1").value();
  one.kind = file_name.ends_with(".whl") ? pep::DistKind::wheel : pep::DistKind::sdist;
  one.file_name = file_name;
  if (rank) one.variant = std::make_shared<const pep::WheelVariant>(pep::WheelVariant{"label", {}, *rank});
  return one;
}

pep::Target target() {
  const std::vector<pep::Tag> tags = {{"cp312", "cp312", "linux_x86_64"}, {"py3", "none", "any"}};
  return {
      .environment = {}, .python = pep::Version::parse("3.12").value(), .tags = std::make_shared<pep::TagSet>(tags)};
}

// One release with these files, and why its variants do not fit.
class OneRelease final : public resolver::PackageSource {
 public:
  OneRelease(std::vector<pep::DistFile> files, std::string misfit)
      : files_(std::move(files)), misfit_(std::move(misfit)) {
    listing_.found = true;
    listing_.releases.push_back({.version = pep::Version::parse("1").value(), .has_wheel = true, .has_variants = true});
  }
  void want_listings(std::span<const pep::Name>) override {}
  void want_metadata(std::span<const pep::DistFile* const>) override {}
  Result<const resolver::Listing*> listing(const pep::Name&) override { return &listing_; }
  Result<std::span<const pep::DistFile>> files(const pep::Name&, std::size_t) override {
    return std::span<const pep::DistFile>(files_);
  }
  std::string variant_misfit(const pep::Name&, std::size_t) override { return misfit_; }
  Result<resolver::MetadataAnswer> metadata(const pep::DistFile&) override { return resolver::MetadataAnswer(); }
  Result<resolver::DirectAnswer> direct(const pep::Name&, const std::string&) override {
    return resolver::DirectAnswer();
  }

 private:
  std::vector<pep::DistFile> files_;
  std::string misfit_;
  resolver::Listing listing_;
};

std::string told(std::vector<pep::DistFile> files, const std::string& misfit) {
  OneRelease source(std::move(files), misfit);
  resolver::Problem problem;
  problem.requirements.push_back(pep::Requirement::parse("foo").value());
  problem.targets = {target()};
  const auto outcome = resolver::resolve(problem, source);
  REQUIRE_OK(outcome);
  const auto* conflict = std::get_if<resolver::Conflict>(&*outcome);
  REQUIRE(conflict != nullptr);
  return cat(conflict->headline, "\n", conflict->explanation);
}

}  // namespace

TEST_CASE("the tags of a wheel variant stand before its label") {
  CHECK(tags("foo-1-py3-none-any.whl") == "py3 none any");
  CHECK(tags("foo-1-2-py3-none-any.whl") == "py3 none any build");
  CHECK(tags("foo-1-py3-none-any-cu12.whl") == "py3 none any");
  CHECK(tags("foo-1-2-py3-none-any-cu12.whl") == "py3 none any build");
  CHECK(tags("foo-1-cp312-cp312-linux_x86_64-null.whl") == "cp312 cp312 linux_x86_64");
}

TEST_CASE("better variants go before better tags, and before wheels that are no variant") {
  const std::vector<pep::DistFile> files = {
      file("foo-1.tar.gz"),
      file("foo-1-cp312-cp312-linux_x86_64.whl"),
      file("foo-1-py3-none-any.whl"),
      file("foo-1-cp312-cp312-linux_x86_64-null.whl", 2),
      file("foo-1-py3-none-any-cu13.whl", 0),
      file("foo-1-py3-none-any-cu12.whl", 1),
      file("foo-1-cp312-cp312-linux_x86_64-cu12.whl", 1),
      file("foo-1-3-py3-none-any-cu12.whl", 1),
      file("foo-1-cp311-cp311-linux_x86_64-cu13.whl", 0),
  };
  const auto python = target();
  const resolver::Policy policy;
  resolver::FileChooser chooser(python, policy, resolver::PythonCheck(python.python, policy), nullptr);
  resolver::Candidate candidate;
  chooser.choose(kName, files, resolver::FileOrigin::release, candidate);
  std::string order;
  for (const auto* one : candidate.files) append(order, one->file_name, "\n");
  CHECK(order ==
        "foo-1-py3-none-any-cu13.whl\n"
        "foo-1-cp312-cp312-linux_x86_64-cu12.whl\n"
        "foo-1-3-py3-none-any-cu12.whl\n"
        "foo-1-py3-none-any-cu12.whl\n"
        "foo-1-cp312-cp312-linux_x86_64-null.whl\n"
        "foo-1-cp312-cp312-linux_x86_64.whl\n"
        "foo-1-py3-none-any.whl\n"
        "foo-1.tar.gz\n");
}

TEST_CASE("why no variant fits is told, alone or with why nothing else does") {
  const auto alone = told({}, "none fits this machine: cu12 needs `a :: b :: c`");
  CHECK(alone.starts_with("`foo` has wheel variants only, and none of them can be used here\n"));
  CHECK(alone.find("has wheel variants only, and none fits this machine: cu12 needs `a :: b :: c`") !=
        std::string::npos);
  const auto beside = told({file("foo-1-py3-none-win_amd64.whl")}, "none fits this machine: cu12 needs `a :: b :: c`");
  CHECK(
      beside.find("has wheels for other platforms only (win_amd64); as for its wheel variants, none fits this machine: "
                  "cu12 needs `a :: b :: c`") != std::string::npos);
}

TEST_CASE("which variants may be taken is said by properties, or by `none` alone") {
  resolver::VariantRules rules;
  REQUIRE_OK(resolver::add_variant_rule("a :: b :: 2", rules));
  REQUIRE_OK(resolver::add_variant_rule("a::b::1", rules));
  REQUIRE_OK(resolver::add_variant_rule("a :: b :: 2", rules));
  CHECK(rules.named == pep::VariantProperties{{"a", {{"b", {"2", "1"}}}}});
  CHECK_FALSE(resolver::add_variant_rule("a :: b", rules).ok());
  const auto both = resolver::add_variant_rule("none", rules);
  REQUIRE_FALSE(both.ok());
  CHECK(both.error().kind == ErrorKind::usage);
  resolver::VariantRules none;
  REQUIRE_OK(resolver::add_variant_rule("none", none));
  CHECK(none.none);
}
