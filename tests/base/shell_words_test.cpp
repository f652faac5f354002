#include "base/shell_words.h"

#include <doctest/doctest.h>

#include "base/text.h"
#include "support/printers.h"

namespace {

using namespace pkg;

// Words in brackets, or what is wrong.
std::string words(std::string_view text) {
  const auto found = shell_words(text);
  if (!found) return found.error().message;
  std::string shown;
  for (const auto& word : *found) append(shown, "[", word, "]");
  return shown;
}

}  // namespace

TEST_CASE("a command is split as a shell splits it") {
  CHECK(words("pytest -x  tests/unit") == "[pytest][-x][tests/unit]");
  CHECK(words("") == "");
  CHECK(words("  \n\t a \n") == "[a]");
  CHECK(words("a 'b c' \"d e\"f") == "[a][b c][d ef]");
  CHECK(words("a '' \"\"") == "[a][][]");
  CHECK(words("a\\ b \\' \\\" \\\\ \\$x") == "[a b]['][\"][\\][$x]");
  CHECK(words("\"a \\\" \\\\ \\$x \\n\"") == "[a \" \\ $x \\n]");
  CHECK(words("'a \\ $x `y` | ; \"'") == "[a \\ $x `y` | ; \"]");
  CHECK(words("\"a|b;c>d\"") == "[a|b;c>d]");
  CHECK(words("a \\\n  b") == "[a][b]");
  CHECK(words("\"a\\\nb\"") == "[ab]");
  CHECK(words("rm *.pyc ~/x #y $ $1 a=b") == "[rm][*.pyc][~/x][#y][$][$1][a=b]");
}

TEST_CASE("what only a shell could do is refused and not passed on as words") {
  for (const auto* text : {"a | b", "a && b", "a; b", "a > b", "a < b", "(a)", "a|b"})
    CHECK_MESSAGE(words(text).ends_with("is for a shell"), text);
  for (const auto* text : {"a $HOME", "a ${HOME}", "a $(b)", "a `b`", "\"$HOME\"", "\"`b`\"", "a$HOME"})
    CHECK_MESSAGE(words(text).ends_with("is for a shell"), text);
  CHECK(words("a\nb") == "a command ends with its line, and this one has a second line");
}

TEST_CASE("a quote that is not closed is an error") {
  CHECK(words("a 'b") == "a quote is not closed: '");
  CHECK(words("a \"b\\\"") == "a quote is not closed: \"");
  CHECK(words("a \\") == "there is nothing behind the last backslash");
}
