#include "venv/layout.h"

#include <doctest/doctest.h>

namespace pkg::venv {

TEST_CASE("the parts of a distribution go where the environment's Python looks for them") {
  struct Row {
    const char* implementation;
    int minor;
    bool gil_disabled;
    const char* purelib;
    const char* headers;
  };
  for (const Row& row : {Row{"cpython", 12, false, "/e/lib/python3.12/site-packages", "/e/include/site/python3.12"},
                         Row{"cpython", 13, true, "/e/lib/python3.13t/site-packages", "/e/include/site/python3.13t"},
                         Row{"pypy", 10, false, "/e/lib/pypy3.10/site-packages", "/e/include/site/pypy3.10"}}) {
    const Layout layout = environment_layout("/e", row.implementation, 3, row.minor, row.gil_disabled);
    CHECK(layout.of(pep::Scheme::purelib) == row.purelib);
    CHECK(layout.of(pep::Scheme::platlib) == row.purelib);
    CHECK(layout.of(pep::Scheme::headers) == row.headers);
    CHECK(layout.of(pep::Scheme::scripts) == "/e/bin");
    CHECK(layout.of(pep::Scheme::data) == "/e");
    CHECK(layout.python == "/e/bin/python");
  }
}

}  // namespace pkg::venv
