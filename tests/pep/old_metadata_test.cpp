#include "pep/old_metadata.h"

#include <doctest/doctest.h>

#include <array>
#include <string>

#include "pep/metadata.h"
#include "pep/requirement.h"

namespace pkg::pep {
namespace {

struct Case {
  const char *before, *after;
};

TEST_CASE("what old requirements mean is read, where the strict reader refuses them") {
  constexpr auto kCases = std::to_array<Case>({
      {"pytz (>dev)", "pytz"},
      {"pytz (>dev) ; python_version < '4'", "pytz; python_version < \"4\""},
      {"six (>=1.9.*)", "six>=1.9"},
      {"six >=1.9.*,<2", "six<2,>=1.9"},
      {"six >=1.9 , <2.*", "six<2,>=1.9"},
      {"six (~=1.*)", "six==1.*"},
      {"six (>=1.9<2)", "six<2,>=1.9"},
      {"six >=1.9 <2", "six<2,>=1.9"},
      {"six >=1.9,,<2", "six<2,>=1.9"},
      {"six ,>=1.9", ""},
      {"six !=~1.0", "six!=1.0.*"},
      {"six >= \"1.9\"", "six>=1.9"},
      {"six (>='1.9')", "six>=1.9"},
      {"six >=1.9'", "six>=1.9"},
      {"six == \"1.*\"", "six==1.*"},
      {"six (>=1.9,!=1.10*)", "six!=1.10.*,>=1.9"},
      {"six [x] (>=1.9.*)", "six[x]>=1.9"},
      {"six (>=9.0.0a1.0)", "six>=9.0.0a1"},
      {"six (>=1.9.*);python_version<\"4\"", "six>=1.9; python_version < \"4\""},
  });
  for (const auto& [before, after] : kCases) {
    CAPTURE(before);
    CHECK_FALSE(Requirement::parse(before).ok());
    const auto mended = mended_requirement(before);
    const auto read = mended ? Requirement::parse(*mended) : Requirement::parse(before);
    CHECK((read.ok() ? read->to_string() : std::string()) == after);
  }
}

TEST_CASE("what could mean this or that stays unread") {
  for (const std::string text :
       {"six (<=>=1.9)", "six (>1.9.x)", "six (>=1.9) ; python_version > \"3\" and", "six (1.9)", "six =1.9",
        "six (<dev)", "six (>=1.9", "six (>=1.0) (<2)", "six >=1.9.*.*", "six >=1.9 and <2", "a>=1.1.6<<2",
        "a @ https://files.example/a-1.zip>=1.*", "six", "", "(", ">=1.*", "six>=;"}) {
    CAPTURE(text);
    const auto mended = mended_requirement(text);
    if (mended) CHECK_FALSE(Requirement::parse(*mended).ok());
  }
}

TEST_CASE("a specifier that is valid stays as it is beside one that is mended") {
  CHECK(mended_specifiers("===1.*,>=1.9.*") == "===1.*,>=1.9");
  CHECK(mended_specifiers("==1.9.*,>2.*") == "==1.9.*,>2");
  CHECK(mended_specifiers(">=1.0,<2") == std::nullopt);
  CHECK(mended_specifiers("") == std::nullopt);
}

TEST_CASE("a Requires-Python is read the same way, and one that cannot be read is none") {
  constexpr auto kCases = std::to_array<Case>({{">=3.6<4", "<4,>=3.6"},
                                               {">=3.6.*", ">=3.6"},
                                               {">3.5.*", ">3.5"},
                                               {">=3.6,", ">=3.6"},
                                               {"~=3.*", "==3.*"},
                                               {"!=3.0*,>=3", "!=3.0.*,>=3"},
                                               {">=\"3.6\"", ">=3.6"}});
  for (const auto& [before, after] : kCases) {
    CAPTURE(before);
    const auto read = read_requires_python(before);
    REQUIRE(read.has_value());
    CHECK(read->to_string() == after);
  }
  CHECK_FALSE(read_requires_python("3.6").has_value());
  CHECK_FALSE(read_requires_python(">= 3.6.").has_value());
}

TEST_CASE("metadata says which lines were mended, and keeps those that nobody understands") {
  const auto metadata = Metadata::parse(
      "Metadata-Version: 2.1\nName: a\nVersion: 1\nRequires-Python: >=2.7,!=3.0*\nRequires-Dist: pytz (>dev)\n"
      "Requires-Dist: six\nRequires-Dist: b (<=>=1)\n");
  REQUIRE(metadata.ok());
  CHECK(metadata->requires_dist.size() == 2);
  CHECK(metadata->requires_dist[0].to_string() == "pytz");
  CHECK(metadata->requires_python.to_string() == "!=3.0.*,>=2.7");
  CHECK(metadata->broken_requirements.size() == 1);
  CHECK(metadata->mended == std::vector<MendedLine>{{"pytz (>dev)", "pytz"}, {">=2.7,!=3.0*", "!=3.0.*,>=2.7"}});
}

TEST_CASE("a mended requirement is shared like any other") {
  RequirementPool pool;
  const std::string head = "Metadata-Version: 2.1\nName: a\nVersion: 1\n";
  const auto odd = Metadata::parse(head + "Requires-Dist: six (>=1.9.*)\n", &pool),
             plain = Metadata::parse(head + "Requires-Dist: six (>=1.9)\n", &pool);
  REQUIRE(odd.ok());
  REQUIRE(plain.ok());
  CHECK(&odd->requires_dist[0] == &plain->requires_dist[0]);
}

}  // namespace
}  // namespace pkg::pep
