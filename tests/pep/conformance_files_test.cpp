// The vector files on file names, tags, metadata, direct URLs and wheel contents: what fails is what
// docs/internals/conformance.md lists, nothing else.

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "base/text.h"
#include "conformance/sections.h"
#include "support/vectors.h"

namespace pkg::conformance {
namespace {

void compare_with_list(const std::vector<SectionResult>& results) {
  const std::filesystem::path list = std::filesystem::path(PKG_SOURCE_DIR) / "docs" / "internals" / "conformance.md";
  for (SectionResult result : results) {
    CAPTURE(result.file);
    CAPTURE(result.section);
    CHECK(result.total > 0);
    auto listed = listed_deviations(list, result.file, result.section);
    std::sort(listed.begin(), listed.end());
    std::sort(result.failed.begin(), result.failed.end());
    CHECK(join(result.failed, " ") == join(listed, " "));
  }
}

}  // namespace

TEST_CASE("tags.json passes but for the listed deviations") { compare_with_list(run_tags(test::vectors_folder())); }
TEST_CASE("metadata.json passes but for the listed deviations") {
  compare_with_list(run_metadata(test::vectors_folder()));
}
TEST_CASE("direct_url.json passes but for the listed deviations") {
  compare_with_list(run_direct_url(test::vectors_folder()));
}
TEST_CASE("wheel_install.json passes but for the listed deviations") {
  compare_with_list(run_wheel_install(test::vectors_folder()));
}

}  // namespace pkg::conformance
