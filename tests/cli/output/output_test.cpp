#include "cli/output/output.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "captured_output.h"
#include "support/printers.h"
#include "support/scoped_env.h"

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

TEST_CASE("what is written to stdout comes before what is written to stderr later") {
  std::string both;
  cli::set_sinks({&both, &both});
  cli::out("a\n");
  cli::err("b\n");
  cli::out("c\n");
  cli::set_sinks({});
  CHECK(both == "a\nb\nc\n");
}

TEST_CASE("JSON keeps its values, and shows no control, no hidden mark and no secret") {
  test::CapturedOutput output;
  cli::out_json({{"name", "a\x1b\xc2\x9b\xe2\x80\xae\xf3\xa0\x81\x81\xc3\xa9"}, {"url", "https://me:pw@h/"}});
  CHECK(output.out() ==
        "{\n  \"name\": \"a\\u001b\\u009b\\u202e\\udb40\\udc41\xc3\xa9\",\n  \"url\": \"https://me:****@h/\"\n}\n");
  CHECK(json::parse(output.out()).value()["name"] == "a\x1b\xc2\x9b\xe2\x80\xae\xf3\xa0\x81\x81\xc3\xa9");
}

TEST_CASE("the text of a file stays as it is in a pipe, and is made printable on a terminal") {
  const std::string text = "a\t\x1b[31m\nb";
  {
    test::CapturedOutput pipe;
    cli::out_file(text);
    CHECK(pipe.out() == text);
  }
  test::CapturedOutput terminal(true);
  cli::out_file(text);
  CHECK(terminal.out() == "a\t\\x1b[31m\nb");
}

TEST_CASE("colours: as asked, else for terminals where NO_COLOR is not set") {
  const auto red = [](bool is_terminal, std::string_view mode, const char* no_color) {
    const test::ScopedEnv variable("NO_COLOR", no_color);
    test::CapturedOutput output(is_terminal);
    cli::set_color(mode);
    const auto text = cli::styled("x", cli::Style::red, cli::Stream::out);
    cli::set_color("never");
    return !(text == "x");
  };
  CHECK(red(true, "auto", nullptr));
  CHECK(red(true, "auto", ""));
  CHECK_FALSE(red(true, "auto", "1"));
  CHECK_FALSE(red(false, "auto", nullptr));
  CHECK(red(false, "always", "1"));
  CHECK_FALSE(red(true, "never", nullptr));
}
