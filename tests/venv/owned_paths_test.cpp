#include "venv/owned_paths.h"

#include <doctest/doctest.h>

#include <string>

#include "support/printers.h"

namespace pkg::venv {

TEST_CASE("a row of RECORD becomes a path without ways up") {
  std::string buffer;
  const auto target = [&](std::string_view path) { return std::string(record_target("/env/site", path, buffer)); };
  CHECK(target("a/b.py") == "/env/site/a/b.py");
  CHECK(target(".") == "/env/site");
  CHECK(target("..") == "/env");
  CHECK(target("a/..") == "/env/site");
  CHECK(target("a/.") == "/env/site/a");
  CHECK(target("..\\x") == "/env/x");
  CHECK(target("../../../../etc/x") == "/etc/x");
  CHECK(target("/x/../y") == "/y");
  CHECK(target("..a/.b") == "/env/site/..a/.b");
}

}  // namespace pkg::venv
