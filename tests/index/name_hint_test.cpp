#include "index/name_hint.h"

#include <doctest/doctest.h>

#include "index/index.h"
#include "support/index_server.h"
#include "support/printers.h"
#include "support/silent_reporter.h"
#include "support/temp_dir.h"

using namespace pkg;

TEST_CASE("a name near to one whose page is in the cache is found, and one that the index did not have is not") {
  test::TempDir cache;
  test::IndexServer server;
  test::SilentReporter reporter;
  CancelToken cancel;
  index::Settings settings;
  settings.indexes = {{"", server.url("/simple/"), false}};
  settings.cache_dir = (cache / "cache").string();
  settings.now = 1'700'000'000;
  server.serve_page("numpy", "<!DOCTYPE html><a href=\"numpy-1.0.tar.gz\">x</a>");
  {
    const auto index = index::Index::open(settings, reporter, cancel);
    REQUIRE_OK(index);
    for (const auto* asked : {"numpy", "numpi"}) REQUIRE_OK((*index)->project(pep::Name::from_normalized(asked)));
  }
  const auto nearest = [&](const char* word) {
    return index::nearest_cached_project(settings, pep::Name::from_normalized(word));
  };
  CHECK(nearest("nunpy") == "numpy");
  CHECK(nearest("numpi") == "numpy");
  CHECK(!nearest("pandas"));
  settings.indexes = {{"", "https://other.example/simple/", false}};
  CHECK(!nearest("nunpy"));
}
