#include "lock/partial_marker.h"

#include <doctest/doctest.h>

#include "lock/lock_texts.h"

namespace {

using namespace pkg;

std::string left(const std::string& text) {
  const auto marker = pep::Marker::parse(text);
  REQUIRE_OK(marker);
  const auto decided = lock::decide_parts(*marker, {{test::name("x")}, {test::name("dev")}});
  return !decided ? "never" : decided->is_trivial() ? "always" : decided->to_string();
}

}  // namespace

TEST_CASE("what a marker asks of extras and groups is decided, and the rest is left") {
  CHECK(left("'x' in extras") == "always");
  CHECK(left("'y' in extras") == "never");
  CHECK(left("'y' not in extras and 'dev' in dependency_groups") == "always");
  CHECK(left("os_name == 'nt'") == "os_name == \"nt\"");
  CHECK(left("os_name == 'nt' and 'x' in extras") == "os_name == \"nt\"");
  CHECK(left("os_name == 'nt' or 'x' in extras") == "always");
  CHECK(left("os_name == 'nt' and 'y' in extras or 'docs' in dependency_groups") == "never");
  CHECK(left("(os_name == 'nt' or 'y' in extras) and ('x' in extras and sys_platform == 'win32' or 'y' in extras) and "
             "python_version < '3'") == "os_name == \"nt\" and sys_platform == \"win32\" and python_version < \"3\"");
  CHECK(left("(os_name == 'nt' or sys_platform == 'linux') and 'x' in extras") ==
        "os_name == \"nt\" or sys_platform == \"linux\"");
}

TEST_CASE("what has no meaning never holds, and no extra of a package does") {
  CHECK(left("extras == 'x'") == "never");
  CHECK(left("extra == 'x'") == "never");
  CHECK(left("extra != 'x'") == "always");
}
