#include "base/origin.h"

#include <doctest/doctest.h>

using namespace pkg;

TEST_CASE("an origin says its file and line, or what it is") {
  CHECK(Origin{.file = "requirements.txt", .line = 3}.to_string() == "requirements.txt:3");
  CHECK(Origin{.file = "pyproject.toml"}.to_string() == "pyproject.toml");
  CHECK(Origin::command_line().to_string() == "the command line");
}

TEST_CASE("a caret stands under the place") {
  CHECK(caret("numpy >> 1", 6) == "numpy >> 1\n      ^");
  CHECK(caret("ab", 99) == "ab\n  ^");
  CHECK(caret("", 0) == "\n^");
  CHECK(caret("ü\tx", 3) == "ü x\n  ^");
  CHECK(caret("\x1b!", 1) == "\\x1b!\n    ^");
}

TEST_CASE("of a long line only the part around the place is shown") {
  const auto shown = caret(std::string(1000, 'a') + "!" + std::string(1000, 'b'), 1000);
  CHECK(shown.size() < 300);
  CHECK(shown.find("a!b") != std::string::npos);
  CHECK(shown.substr(0, 3) == "…");
}
