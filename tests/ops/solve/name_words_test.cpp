#include "ops/solve/name_words.h"

#include <doctest/doctest.h>

#include "support/printers.h"

using namespace pkg;

namespace {

std::string advice_on(std::string_view word) {
  const auto name = pep::Name::parse(word);
  REQUIRE(name.ok());
  return ops::advice_on_name(*name, word);
}

}  // namespace

TEST_CASE("what is imported under another name than its distribution's leads to the distribution") {
  CHECK(advice_on("sklearn") == "what is imported as `sklearn` is in `scikit-learn`");
  CHECK(advice_on("PIL") == "what is imported as `PIL` is in `pillow`");
  CHECK(advice_on("pkg_resources") == "what is imported as `pkg_resources` is in `setuptools`");
  CHECK(ops::distribution_of_import(pep::Name::parse("cv2").value()) == "opencv-python");
  CHECK(!ops::distribution_of_import(pep::Name::parse("numpy").value()).has_value());
}

TEST_CASE("modules of the standard library are part of Python, and files are read with -r") {
  CHECK(advice_on("json") == "`json` is part of Python: it is there without being installed");
  CHECK(advice_on("asyncio") == "`asyncio` is part of Python: it is there without being installed");
  CHECK(advice_on("abc") == "`abc` is part of Python: it is there without being installed");
  CHECK(advice_on("zoneinfo") == "`zoneinfo` is part of Python: it is there without being installed");
  CHECK(advice_on("jso").empty());
  CHECK(advice_on("cProfile") == "`cProfile` is part of Python: it is there without being installed");
  CHECK(advice_on("requirements.txt") == "the requirements of a file are read with -r: -r requirements.txt");
  CHECK(advice_on("numpy").empty());
}
