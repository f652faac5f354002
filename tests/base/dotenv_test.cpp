#include "base/dotenv.h"

#include <doctest/doctest.h>

#include <cstring>

#include "base/text.h"
#include "support/printers.h"

namespace {

using namespace pkg;

const char* surroundings(const char* name) {
  if (std::strcmp(name, "HOME") == 0) return "/home/me";
  if (std::strcmp(name, "EMPTY") == 0) return "";
  return nullptr;
}

// "A=1|B=2", or what is wrong.
std::string read(std::string_view text, std::map<std::string, std::string> variables = {}) {
  const auto done = add_dotenv(text, ".env", surroundings, variables);
  if (!done) return done.error().message;
  std::string shown;
  for (const auto& [name, value] : variables) append(shown, shown.empty() ? "" : "|", name, "=", value);
  return shown;
}

}  // namespace

TEST_CASE("lines of a file with variables") {
  CHECK(read("A=1\nB=2") == "A=1|B=2");
  CHECK(read("\xEF\xBB\xBF# a comment\r\n\r\n  A = 1 \r\nexport B=2\r\nexport\tC=3") == "A=1|B=2|C=3");
  CHECK(read("A=\nB= # nothing\nC=#nothing") == "A=|B=|C=");
  CHECK(read("A=a#b c # d\nexport=1") == "A=a#b c|export=1");
  CHECK(read("A=1\nA=2") == "A=2");
  CHECK(read("A=x=y; echo $(rm -rf /) `date` $B") == "A=x=y; echo $(rm -rf /) `date` $B");
}

TEST_CASE("quotes") {
  CHECK(read("A='a b # c' # d\nB=\"x # y\"") == "A=a b # c|B=x # y");
  CHECK(read("A='a\\n$x ${HOME}'") == "A=a\\n$x ${HOME}");
  CHECK(read("A=\"a\\nb\\tc\\\\d\\\"e\\$f\\q\"") == "A=a\nb\tc\\d\"e$f\\q");
  CHECK(read("A=\"one\ntwo\"\nB=1") == "A=one\ntwo|B=1");
  CHECK(read("A='one\ntwo'\nB=1") == "A=one\ntwo|B=1");
  CHECK(read("A=\"one \\\ntwo\"") == "A=one two");
  CHECK(read("A=C:\\new\\table") == "A=C:\\new\\table");
}

TEST_CASE("variables in values: what is set wins, then what stood before") {
  CHECK(read("A=1\nB=${A}2\nC=\"${A}-${B}\"") == "A=1|B=12|C=1-12");
  CHECK(read("HOME=/x\nB=${HOME}/y") == "B=/home/me/y|HOME=/x");
  CHECK(read("A=${NONE}\nB=${NONE:-z z}\nC=${EMPTY:-e}") == "A=|B=z z|C=e");
  CHECK(read("B=${A}", {{"A", "before"}}) == "A=before|B=before");
  CHECK(read("A=\\${B} cost $5 $B") == "A=${B} cost $5 $B");
}

TEST_CASE("errors name file and line, and no value") {
  const std::string kExpected = "expected NAME=value, with a name of letters, digits and `_`";
  CHECK(read("A=1\nsecret") == ".env:2: " + kExpected);
  for (const auto* text : {"=1", "1A=1", "A-B=1", "export A", "A B=1", "\"A\"=1"})
    CHECK(read(text) == ".env:1: " + kExpected);
  CHECK(read("A=1\nB=\"secret\n\n") == ".env:2: the quote that `B` begins with is not closed");
  CHECK(read("B='secret\n\n") == ".env:1: the quote that `B` begins with is not closed");
  CHECK(read("A='x\ny'\nB=\"1\" secret") == ".env:3: there is something behind the closing quote of `B`");
  CHECK(read("A=${B") == ".env:1: in the value of `A`: expected ${NAME} or ${NAME:-text}");
  CHECK(read("A=${}") == ".env:1: in the value of `A`: expected ${NAME} or ${NAME:-text}");
  CHECK(read("A=${B?secret}") == ".env:1: in the value of `A`: expected ${NAME} or ${NAME:-text}");
  CHECK(read(std::string_view("A=1\0", 4)) == ".env:1: there is a zero byte: this is no text");
}

TEST_CASE("values that grow by naming each other end") {
  std::string text = "A=0123456789\n";
  for (char name = 'B'; name <= 'Z'; ++name)
    append(text, std::string(1, name), "=${", std::string(1, static_cast<char>(name - 1)), "}${",
           std::string(1, static_cast<char>(name - 1)), "}\n");
  CHECK(read(text) == ".env:15: the value of `O` is longer than 128 KiB");
  std::string many;
  for (int i = 0; i < 20; ++i) append(many, "V", i, "=", std::string(100'000, 'x'), "\n");
  CHECK(read(many) == ".env:11: the variables are more than 1024 KiB together");
}
