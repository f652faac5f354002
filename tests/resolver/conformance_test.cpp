#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "conformance/resolver_scenarios.h"
#include "conformance/sections.h"
#include "support/vectors.h"

using namespace pkg;

namespace {

// Scenarios in which the vectors' README leaves the answer to policy, and ours is another one
// (docs/internals/conformance.md).
const std::set<std::string> kPolicy = {"prereleases__transitive-package-only-prereleases-in-range",
                                       "prereleases__transitive-prerelease-and-stable-dependency",
                                       "requires_python__python-less-than-current"};

}  // namespace

TEST_CASE("each install scenario is satisfiable when it should be, and its solution is valid") {
  std::size_t total = 0;
  for (const auto& file : conformance::scenario_files(test::vectors_folder())) {
    const auto verdict = conformance::run_scenario(file, nullptr);
    if (!verdict) continue;
    ++total;
    const bool is_policy = kPolicy.contains(verdict->name) && file.parent_path().filename() == "packse";
    CAPTURE(file.string());
    CAPTURE(verdict->problem);
    CHECK((is_policy || (verdict->satisfiable && verdict->valid)));
    // A conflict is always told.
    if (verdict->satisfiable && verdict->statistics.listings == 0) CHECK(!verdict->conflict.headline.empty());
  }
  CHECK(total >= 100);
}

TEST_CASE("the scenarios that differ in any step are exactly those that docs/internals/conformance.md lists") {
  for (const auto& section : conformance::run_resolver(test::vectors_folder())) {
    auto listed = conformance::listed_deviations(
        std::filesystem::path(PKG_SOURCE_DIR) / "docs/internals/conformance.md", section.file, section.section);
    auto failed = section.failed;
    std::sort(listed.begin(), listed.end());
    std::sort(failed.begin(), failed.end());
    CAPTURE(section.file);
    CHECK(failed == listed);
  }
}

TEST_CASE("random small worlds get the answer that a SAT solver proved") {
  for (const auto& section : conformance::run_resolver_random(test::vectors_folder())) {
    CHECK(section.total > 200);
    CHECK(section.failed == std::vector<std::string>{});
  }
}
