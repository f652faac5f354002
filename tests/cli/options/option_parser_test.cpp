#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "base/text.h"
#include "captured_output.h"
#include "cli/options/options.h"
#include "support/printers.h"

using namespace pkg;
using cli::OptionParser;

namespace {

struct Values {
  std::string text, choice = "a", first;
  double number = 1;
  int integer = 2, count = 0;
  bool flag = false;
  std::vector<std::string> list{"given"}, rest;
};

std::string error_text(const Error& error) { return cat(error.message, error.hint.empty() ? "" : " | ", error.hint); }

// What parsing leaves; empty: it went well.
std::string parse(const std::vector<std::string>& words, Values& values, bool takes_rest = false) {
  OptionParser parser({.called_as = "pkg try", .words = words}, "Tries.", "pkg try it");
  parser.text("-t,--text", values.text, "A text", "WORD");
  parser.number("--number", values.number, "A number");
  parser.integer("--integer", values.integer, "An integer");
  parser.list("-l,--list", values.list, "Several", "WORD");
  parser.flag("--flag", values.flag, "A flag");
  parser.count("-v,--verbose", values.count, "More");
  parser.choice("--choice", values.choice, {"a", "b"}, "One of two");
  if (takes_rest)
    parser.rest("COMMAND", values.rest, "What to run");
  else
    parser.positional("FIRST", values.first, "The first word");
  const auto go_on = parser.parse();
  return go_on ? (*go_on ? "" : "help") : error_text(go_on.error());
}

std::string fault(const std::vector<std::string>& words, bool takes_rest = false) {
  Values values;
  return parse(words, values, takes_rest);
}

}  // namespace

TEST_CASE("options are written where they were declared; lists add to what the settings gave") {
  Values values;
  CHECK(parse({"-t", "x", "word", "--number=1.5", "--integer", "3", "-l", "p", "--list", "q", "--flag", "-vv",
               "--choice", "b", "--text", "y"},
              values)
            .empty());
  CHECK(values.text == "y");
  CHECK(values.first == "word");
  CHECK(values.number == 1.5);
  CHECK(values.integer == 3);
  CHECK(values.list == std::vector<std::string>{"given", "p", "q"});
  CHECK(values.flag);
  CHECK(values.count == 2);
  CHECK(values.choice == "b");
}

TEST_CASE("what is wrong with the words of a command is said, with the nearest option") {
  CHECK(fault({"--txt", "x"}) == "`pkg try` has no option `--txt` | did you mean --text?");
  CHECK(fault({"--colour=x"}) == "`pkg try` has no option `--colour` | see `pkg try --help`");
  CHECK(fault({"--text"}).ends_with(" | see `pkg try --help`"));
  CHECK(fault({"--integer", "x"}).ends_with(" | see `pkg try --help`"));
  CHECK(fault({"--choice", "c"}) == "--choice: `c` is not one of a, b | see `pkg try --help`");
  CHECK(fault({"one", "two"}).ends_with(" | see `pkg try --help`"));
}

TEST_CASE("the words of a command that is run are its own") {
  Values values;
  CHECK(parse({"--flag", "program", "--text", "x", "--help"}, values, true).empty());
  CHECK(values.flag);
  CHECK(values.rest == std::vector<std::string>{"program", "--text", "x", "--help"});
  Values behind;
  CHECK(parse({"--", "-x", "--flag"}, behind, true).empty());
  CHECK(behind.rest == std::vector<std::string>{"-x", "--flag"});
  CHECK(fault({"--txt", "program"}, true) == "`pkg try` has no option `--txt` | did you mean --text?");
  CHECK(fault({"--frobnicate", "program"}, true) ==
        "`pkg try` has no option `--frobnicate` | options of the command itself follow it, or `--`");
}

TEST_CASE("help has the description, each option with its placeholder, and the example") {
  test::CapturedOutput output;
  CHECK(fault({"--help"}) == "help");
  const auto help = output.out();
  for (const char* piece : {"Tries.", "-t, --text WORD", "--number SECONDS", "--integer N", "--choice a|b",
                            "-h, --help", "\nExample: pkg try it\n"}) {
    CAPTURE(piece);
    CHECK(help.find(piece) != std::string::npos);
  }
}
