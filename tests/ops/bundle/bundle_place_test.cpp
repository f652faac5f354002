#include "ops/bundle/bundle_place.h"

#include <doctest/doctest.h>

#include "ops/bundle/bundle_texts.h"
#include "support/printers.h"
#include "support/temp_dir.h"

using namespace pkg;
using ops::BundlePlace;

namespace {

Status fill_and_publish(const fs::Path& path, const std::string& text) {
  PKG_TRY_ASSIGN(auto place, BundlePlace::open(path));
  PKG_TRY(fs::publish(place.folder() / ops::kBundleMark, text));
  return place.publish();
}

std::vector<std::string> names_in(const fs::Path& path) { return fs::list_dir(path).value(); }

}  // namespace

TEST_CASE("a bundle appears as a folder, and nothing is left beside it") {
  const test::TempDir dir;
  REQUIRE_OK(fill_and_publish(dir / "out", "one"));
  CHECK(names_in(dir.path()) == std::vector<std::string>{"out"});
  CHECK(fs::read_file(dir / "out/bundle.json").value() == "one");
  REQUIRE_OK(fill_and_publish(dir / "out", "two"));
  CHECK(fs::read_file(dir / "out/bundle.json").value() == "two");
  CHECK(names_in(dir.path()) == std::vector<std::string>{"out"});
}

TEST_CASE("a place that is not published changes nothing") {
  const test::TempDir dir;
  REQUIRE_OK(fill_and_publish(dir / "out", "one"));
  {
    auto place = BundlePlace::open(dir / "out");
    REQUIRE_OK(place);
    REQUIRE_OK(fs::publish(place->folder() / "bundle.json", "half"));
  }
  CHECK(fs::read_file(dir / "out/bundle.json").value() == "one");
  CHECK(names_in(dir.path()) == std::vector<std::string>{"out"});
}

TEST_CASE("an empty folder is taken, another's is not, nor a bundle with something strange in it") {
  const test::TempDir dir;
  REQUIRE_OK(fs::make_dirs(dir / "empty"));
  REQUIRE_OK(fill_and_publish(dir / "empty", "x"));
  REQUIRE_OK(fs::make_dirs(dir / "foreign"));
  REQUIRE_OK(fs::publish(dir / "foreign/notes", ""));
  const auto refused = BundlePlace::open(dir / "foreign");
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().kind == ErrorKind::conflict);
  REQUIRE_OK(fs::publish(dir / "empty/notes", "mine"));
  CHECK_FALSE(BundlePlace::open(dir / "empty").ok());
  REQUIRE_OK(fs::publish(dir / "file", ""));
  CHECK_FALSE(BundlePlace::open(dir / "file").ok());
}

TEST_CASE("an archive is made of the folder, and replaces an older one") {
  const test::TempDir dir;
  REQUIRE_OK(fill_and_publish(dir / "out.zip", "one"));
  const auto first = fs::read_file(dir / "out.zip").value();
  REQUIRE_OK(fill_and_publish(dir / "out.zip", "one"));
  CHECK(fs::read_file(dir / "out.zip").value() == first);
  CHECK(names_in(dir.path()) == std::vector<std::string>{"out.zip"});
  CHECK(first.find("out/bundle.json") != std::string::npos);
}
