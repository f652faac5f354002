// simple_index.json: what fails is what docs/internals/conformance.md lists.

#include <doctest/doctest.h>

#include "conformance/sections.h"
#include "support/conformance.h"
#include "support/vectors.h"

namespace pkg::conformance {

TEST_CASE("simple_index.json passes but for the listed deviations") {
  test::compare_with_deviations(run_simple_index(test::vectors_folder()));
}

}  // namespace pkg::conformance
