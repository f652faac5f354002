#include "support/metadata_validation.h"

#include "support/license_expression.h"
#include "support/printers.h"

namespace pkg::pep {
namespace {

std::vector<std::string> problems(std::string_view text) {
  std::vector<std::string> out;
  for (const auto& problem : validate_metadata(parse_raw_metadata(text).value()))
    out.push_back(problem.field + ": " + problem.message);
  return out;
}

std::string normalized(std::string_view text) {
  const auto result = normalize_license_expression(text);
  return result.ok() ? *result : result.error().message;
}

}  // namespace

TEST_CASE("good metadata has no problems") {
  CHECK(problems("Metadata-Version: 2.4\nName: a\nVersion: 1\nLicense-Expression: MIT\n\nText\n").empty());
}

TEST_CASE("each field has at most one problem, sorted by field") {
  CHECK(problems("Metadata-Version: 2.1\nName: a\nX: y\nX: z\nSummary: a\n b\nLicense-File: LICENSE\nRequires-Dist: "
                 "b\nDynamic: name\n") ==
        std::vector<std::string>{"dynamic: metadata version 2.2 introduced it, and this is 2.1",
                                 "license-file: metadata version 2.4 introduced it, and this is 2.1",
                                 "summary: it has more than one line", "version: it is missing",
                                 "x: the standard knows no such field"});
}

TEST_CASE("license files are relative paths without patterns") {
  const std::string head = "Metadata-Version: 2.4\nName: a\nVersion: 1\nLicense-File: ";
  CHECK(problems(head + "licenses/MIT.txt\n").empty());
  CHECK(problems(head + "/LICENSE\n") == std::vector<std::string>{"license-file: `/LICENSE` is not relative"});
  CHECK(problems(head + "C:LICENSE\n") == std::vector<std::string>{"license-file: `C:LICENSE` is not relative"});
  CHECK(problems(head + "../LICENSE\n") == std::vector<std::string>{"license-file: `../LICENSE` contains `..`"});
  CHECK(problems(head + "LIC*\n") == std::vector<std::string>{"license-file: `LIC*` is a pattern"});
}

TEST_CASE("license expressions get official spellings") {
  CHECK(normalized("mit and (apache-2.0+ or  BSD-2-clause )") == "MIT AND (Apache-2.0+ OR BSD-2-Clause)");
  CHECK(normalized("gpl-2.0-only with classpath-exception-2.0") == "GPL-2.0-only WITH Classpath-exception-2.0");
  CHECK(normalized("licenseref-Mine") == "LicenseRef-Mine");
}

TEST_CASE("what is no license expression is refused, and the message says why") {
  CHECK(normalized("MIT License") ==
        "`MIT License` is not a license expression: expected AND, OR or the end, found `License`");
  CHECK(normalized("Foo") == "`Foo` is not a license expression: `Foo` is not a known license");
  CHECK(normalized("(MIT") == "`(MIT` is not a license expression: a parenthesis is not closed");
  CHECK(normalized("MIT or") == "`MIT or` is not a license expression: it ends too early");
  CHECK(normalized("MIT with GCC") == "`MIT with GCC` is not a license expression: `GCC` is not a known exception");
  CHECK(normalized(std::string(100'000, '(') + "MIT" + std::string(100'000, ')')).size() == 200'003);
}

}  // namespace pkg::pep
