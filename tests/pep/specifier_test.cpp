#include "pep/specifier.h"

#include <algorithm>
#include <string>
#include <vector>

#include "pep/requirement.h"
#include "pep/specifier_relation.h"
#include "support/printers.h"

namespace pkg::pep {

namespace {

SpecifierSet set(std::string_view text) {
  const auto parsed = SpecifierSet::parse(text);
  REQUIRE_OK(parsed);
  return *parsed;
}

bool takes(std::string_view specifiers, std::string_view version) {
  return set(specifiers).contains(*Version::parse(version));
}

}  // namespace

TEST_CASE("each operator takes the versions that PEP 440 says") {
  struct Row {
    const char* specifier;
    const char* version;
    bool expected;
  };
  const Row table[] = {
      {"==1.0", "1", true},
      {"==1.0", "1.0+x", true},
      {"==1.0+x", "1.0", false},
      {"==1.2.*", "1.2.9rc1", true},
      {"==1.2.*", "1.3", false},
      {"!=1.2.*", "1.3", true},
      {"~=1.4.2", "1.4.9", true},
      {"~=1.4.2", "1.5", false},
      {"~=1.4", "1.9", true},
      {"~=1.4", "2.0.dev0", false},
      {">=1.0", "1.0+x", true},
      {"<=1.0", "1.0+x", true},
      {"<2.0", "2.0rc1", false},
      {"<2.0rc1", "2.0b1", true},
      {"<2.0", "1.9", true},
      {">1.0", "1.0.post1", false},
      {">1.0", "1.0+x", false},
      {">1.0.post1", "1.0.post2", true},
      {">1.0a1", "1.0a1.post1", false},
      {">1.0a1", "1.0.post1", true},
      {"<1.0.post1", "1.0.post1.dev0", false},
      {"<1.0.post2", "1.0.post1.dev0", true},
      {"===1.0", "1.0", true},
      {"===1.0", "1.0.0", false},
      {">=3.8,!=3.9.*,<4", "3.10", true},
      {">=3.8,!=3.9.*,<4", "3.9.1", false},
      {"", "1.0.dev0", true},
  };
  for (const Row& row : table) {
    CAPTURE(row.specifier);
    CAPTURE(row.version);
    CHECK(takes(row.specifier, row.version) == row.expected);
  }
}

TEST_CASE("=== compares texts without case and takes what is no version") {
  CHECK(set("===1.01").contains(*Version::parse("1.1"), "1.01"));
  CHECK(!set("===1.01").contains(*Version::parse("1.1")));
  CHECK(set("===FooBar").contains_text("foobar"));
  CHECK(!set(">=1").contains_text("foobar"));
}

TEST_CASE("a set prints sorted, without doubles, versions as written") {
  CHECK(set(" >= 1.0 , <2,>=1.0,, ").to_string() == "<2,>=1.0");
  CHECK(set("==1.0.RC1").to_string() == "==1.0.RC1");
  CHECK(set("==v1.*").to_string() == "==v1.*");
  CHECK(set("==1.0,==1").to_string() == "==1");
  CHECK(set("~=1.0,~=1.0.0").to_string() == "~=1.0,~=1.0.0");
  CHECK(set("<2,>=1") == set(">=1,<2"));
  CHECK(set(">=1").intersect(set("<2,>=1")).to_string() == "<2,>=1");
}

TEST_CASE("what is no specifier is refused, by its own piece") {
  for (const char* text : {"1.0", "=1.0", "==", "~=1", ">=1.*", "==1.*.2", "==1.0a1.*", ">=1.0+x", "~=1.0+x",
                           "==1.0 .*", "===a;b", ">=1 <2", "^1.0", "=>1"}) {
    CAPTURE(text);
    CHECK(!SpecifierSet::try_parse(text));
  }
  CHECK(SpecifierSet::parse(">=1,<x").error().message ==
        "`<x` is not a version specifier: expected one such as `>=1.2`, `==1.2.*` or `~=1.2`");
}

TEST_CASE("a set says whether it names a pre-release") {
  CHECK(set("!=1.0a1").mentions_prerelease() == false);
  CHECK(set("<1.0a1").mentions_prerelease());
}

TEST_CASE("sets that no version is in are recognised") {
  for (const char* text :
       {">2,<1", ">=1.0,<1.0", ">1.0,<1.0.post3", "==1.*,!=1.*", "<0.dev0", ">1.0a1,<1.0a2.dev0", "===a,===b"}) {
    CAPTURE(text);
    CHECK(is_unsatisfiable(set(text)));
  }
  for (const char* text : {"", ">1", "<0.dev1", ">1.0.0.0.0,<1.0.0.0.0.1", ">1.0a1,<1.0a2", "===a"}) {
    CAPTURE(text);
    CHECK(!is_unsatisfiable(set(text)));
  }
  CHECK(is_unsatisfiable(set("<0.dev1"), Considered::finals_only));
}

TEST_CASE("== without a wildcard and === pin to one version") {
  for (const char* text : {"==1.0", "===1.0", "===1.0-made", ">=1,==1.0"}) CHECK_MESSAGE(is_pin(set(text)), text);
  for (const char* text : {"", "==1.*", ">=1.0", "~=1.0", "!=1.0"}) CHECK_MESSAGE(!is_pin(set(text)), text);
  CHECK(pinned_version(set("==1.0")) == Version::parse("1.0").value());
  CHECK(pinned_version(set("===1.16.0")) == Version::parse("1.16.0").value());
  for (const char* text : {"", "==1.*", ">=1.0", "===1.0-made", "==1.0,<2"})
    CHECK_MESSAGE(!pinned_version(set(text)), text);
}

TEST_CASE("a long list is no dearer than its length, and one beyond the limit is refused") {
  const auto listed = [](std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text += (i == 0 ? "!=1." : ",!=1.") + std::to_string(i) + ".0";
    return text;
  };
  CHECK(set(listed(SpecifierSet::kMost)).parts().size() == SpecifierSet::kMost);
  CHECK(SpecifierSet::parse(listed(SpecifierSet::kMost + 1)).error().message ==
        "there are more than 1000 version specifiers in one list");
  CHECK_FALSE(Requirement::parse("x" + listed(SpecifierSet::kMost + 1)).ok());
  CHECK(Requirement::parse("x" + listed(SpecifierSet::kMost)).ok());
}

TEST_CASE("doubles are merged in long lists as in short ones") {
  std::string text = "!=1.0,!=1.0.0,~=1.0,~=1.0.0,==1.*,==1.0.*,===a,===a";
  for (int i = 100; i < 140; ++i) text += ",!=" + std::to_string(i) + ",!=" + std::to_string(i) + ".0";
  std::vector<Specifier> kept;
  const auto merged = set(text);
  for (const auto& part : merged.parts()) {
    CHECK(std::find(kept.begin(), kept.end(), part) == kept.end());
    kept.push_back(part);
  }
  CHECK(kept.size() == 6 + 40);
}

TEST_CASE("one set can lie within another") {
  CHECK(relation(set("==1.2.3"), set("==1.2.*")) == SetRelation{true, false, false});
  CHECK(relation(set("~=1.2"), set(">=1.2,==1.*")) == SetRelation{true, true, false});
  CHECK(relation(set("<1"), set(">1")) == SetRelation{false, false, true});
  CHECK(relation(set("==1.0"), set("==1.0+x")) == SetRelation{false, true, false});
}

}  // namespace pkg::pep
