#include "cli/config/config_edit.h"

#include <doctest/doctest.h>

using pkg::cli::ini_with;
using pkg::cli::ini_without;

TEST_CASE("a setting is replaced where it stands, and comments stay") {
  CHECK(ini_with("# mine\n[global]\ntimeout = 1\n  2\nretries = 3\n", "global", "timeout", "9") ==
        "# mine\n[global]\ntimeout = 9\nretries = 3\n");
}

TEST_CASE("a new setting goes to the end of its section, or into a new section") {
  CHECK(ini_with("[global]\na = 1\n\n[install]\nb = 2\n", "global", "c", "3") ==
        "[global]\na = 1\nc = 3\n\n[install]\nb = 2\n");
  CHECK(ini_with("[global]\na = 1\n", "install", "c", "3") == "[global]\na = 1\n[install]\nc = 3\n");
  CHECK(ini_with("", "global", "c", "3") == "[global]\nc = 3\n");
}

TEST_CASE("removing a setting takes its continuation lines along and nothing else") {
  CHECK(ini_without("[global]\nfind_links =\n  /a\n  /b\nx = 1\n", "global", "find-links") == "[global]\nx = 1\n");
  CHECK(ini_without("[install]\nx = 1\n", "global", "x") == "[install]\nx = 1\n");
}
