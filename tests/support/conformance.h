#pragma once
// Compares what fails of the conformance vectors with docs/internals/conformance.md: both must name the same cases.

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "base/text.h"
#include "conformance/sections.h"

namespace pkg::test {

inline void compare_with_deviations(const std::vector<conformance::SectionResult>& results) {
  const std::filesystem::path list = std::filesystem::path(PKG_SOURCE_DIR) / "docs" / "internals" / "conformance.md";
  for (conformance::SectionResult result : results) {
    CAPTURE(result.file);
    CAPTURE(result.section);
    CHECK(result.total > 0);
    auto listed = conformance::listed_deviations(list, result.file, result.section);
    std::sort(listed.begin(), listed.end());
    std::sort(result.failed.begin(), result.failed.end());
    CHECK(join(result.failed, " ") == join(listed, " "));
  }
}

}  // namespace pkg::test
