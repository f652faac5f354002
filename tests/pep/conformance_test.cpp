// The vector files on versions, specifiers, markers, requirements and dependency groups: what fails is what
// docs/internals/conformance.md lists.

#include <doctest/doctest.h>

#include "conformance/sections.h"
#include "support/conformance.h"
#include "support/vectors.h"

namespace pkg::conformance {

TEST_CASE("versions.json passes but for the listed deviations") {
  test::compare_with_deviations(run_versions(test::vectors_folder()));
}
TEST_CASE("specifiers.json passes but for the listed deviations") {
  test::compare_with_deviations(run_specifiers(test::vectors_folder()));
}
TEST_CASE("markers.json passes but for the listed deviations") {
  test::compare_with_deviations(run_markers(test::vectors_folder()));
}
TEST_CASE("requirements.json passes but for the listed deviations") {
  test::compare_with_deviations(run_requirements(test::vectors_folder()));
}
TEST_CASE("requirements_txt.json passes but for the listed deviations") {
  test::compare_with_deviations(run_requirements_txt(test::vectors_folder()));
}
TEST_CASE("dependency_groups.json passes but for the listed deviations") {
  test::compare_with_deviations(run_dependency_groups(test::vectors_folder()));
}

}  // namespace pkg::conformance
