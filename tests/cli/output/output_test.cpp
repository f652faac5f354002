#include "cli/output/output.h"

#include <doctest/doctest.h>

#include "support/printers.h"

using namespace pkg;
using cli::Text;

TEST_CASE("literals are ours, everything else is made printable") {
  const std::string name = "a\x1b[31m\nb";
  CHECK(Text("Name: ", name, "\n", 7, '\t').str() == "Name: a\\x1b[31m\\x0ab\n7\t");
  CHECK(Text(std::string_view("\xc2\x9b\xe2\x80\xae")).str() == "\\u{9b}\\u{202e}");
  CHECK(Text(name.c_str()).str() == "a\\x1b[31m\\x0ab");
}

TEST_CASE("text within text is not made printable twice") {
  Text text("a\n", Text(std::string("\x1b")));
  append(text, Text(text), "\\");
  CHECK(text.str() == "a\n\\x1ba\n\\x1b\\");
}

TEST_CASE("lines keep their ends and tabs") {
  CHECK(Text::lines("a\tb\n\x1b\r\n\nc").str() == "a\tb\n\\x1b\\x0d\n\nc");
}

TEST_CASE("a colour of the text itself is no colour") {
  cli::set_color("always");
  const auto text = cli::styled(std::string("\x1b[32mx"), cli::Style::red, cli::Stream::err);
  cli::set_color("never");
  CHECK(text.str() == "\x1b[1;31m\\x1b[32mx\x1b[0m");
}

TEST_CASE("secrets of URLs do not get into text") {
  CHECK(Text(std::string("cannot fetch `https://me:pw@h/x?token=abc`: 404")).str() ==
        "cannot fetch `https://me:****@h/x?token=****`: 404");
}
