// pylock.json: what fails is what docs/internals/conformance.md lists.

#include <doctest/doctest.h>

#include "conformance/sections.h"
#include "support/conformance.h"
#include "support/vectors.h"

TEST_CASE("pylock.json passes but for the listed deviations") {
  pkg::test::compare_with_deviations(pkg::conformance::run_pylock(pkg::test::vectors_folder()));
}
