#include "ops/inspect/package_facts.h"

#include <doctest/doctest.h>

#include <string>

#include "base/text.h"
#include "support/printers.h"

using namespace pkg;

namespace {

std::string license(std::string_view headers) {
  const auto metadata = pep::parse_raw_metadata(cat("Metadata-Version: 2.4\nName: a\nVersion: 1\n", headers));
  REQUIRE_OK(metadata);
  return ops::license_of(*metadata);
}

}  // namespace

TEST_CASE("a licence is the expression, else what classifiers say, else the first line of the field") {
  CHECK(license("License-Expression: MIT OR Apache-2.0\nLicense: other\n") == "MIT OR Apache-2.0");
  CHECK(license("License: BSD\nClassifier: License :: OSI Approved :: MIT License\n") == "MIT License");
  CHECK(license("Classifier: License :: OSI Approved\nClassifier: License :: Public Domain\n") == "Public Domain");
  CHECK(license("Classifier: License :: OSI Approved :: A\nClassifier: License :: OSI Approved :: B\n") == "A, B");
  CHECK(license("License: BSD 3-Clause\n        and its whole text\n") == "BSD 3-Clause");
  CHECK(license("").empty());
}

TEST_CASE("a licence as long as a book is one short line") {
  const auto text = license(cat("License: ", std::string(99, 'x'), "日本語\n"));
  CHECK(text == std::string(99, 'x') + "…");
  CHECK(license(cat("License-Expression: ", std::string(5000, 'y'), "\n")).size() == 103);
}
