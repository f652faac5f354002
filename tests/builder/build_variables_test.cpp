#include <doctest/doctest.h>

#include "builder/backend.h"

TEST_CASE("a backend without [build-system] is the setuptools fallback only when it says so") {
  pkg::builder::Backend backend;
  CHECK_FALSE(backend.is_fallback);
}
