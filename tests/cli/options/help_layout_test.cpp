#include "cli/options/help_layout.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/text.h"
#include "captured_output.h"
#include "cli/cli.h"
#include "cli/command.h"

using namespace pkg;

namespace {

std::string help_of(std::string_view verb) {
  test::CapturedOutput output;
  CHECK(cli::run_words({std::string(verb), "--help"}) == 0);
  return output.out();
}

// The titles of the groups of a help text, in their order.
std::vector<std::string> titles_in(const std::string& help) {
  std::vector<std::string> titles;
  for (const auto line : split_lines(help))
    if (line.ends_with(':') && !line.starts_with(' ') && !line.starts_with("Usage")) titles.emplace_back(line);
  return titles;
}

// What the entries of a help text say, their lines joined.
std::vector<std::string> texts_in(const std::string& help) {
  std::vector<std::string> texts;
  for (const auto line : split_lines(help)) {
    const bool begins = line.starts_with("  ") && !line.starts_with("   ");
    if (begins) texts.emplace_back();
    if (!line.starts_with("  ")) continue;
    const auto text = !begins ? trim(line)
                      : line.size() > cli::kHelpColumn && line[cli::kHelpColumn - 1] == ' '
                          ? line.substr(cli::kHelpColumn)
                          : std::string_view();
    append(texts.back(), texts.back().empty() ? "" : " ", text);
  }
  return texts;
}

}  // namespace

TEST_CASE("a text is wrapped between words, and a word that is too long stands alone") {
  CHECK(cli::wrapped("one two three", 7, 0) == "one two\nthree");
  CHECK(cli::wrapped("one two three", 8, 2) == "one\n  two\n  three");
  CHECK(cli::wrapped("a --very-long-option b", 6, 1) == "a\n --very-long-option\n b");
  CHECK(cli::wrapped("", 6, 1).empty());
}

TEST_CASE("names stand beside their texts, or above them where that does not fit") {
  const std::vector<cli::HelpEntry> entries{{"--a N", "first text"}, {"--long-name VALUE", "second"}};
  CHECK(cli::entries_text(entries, 12, 60) == "  --a N     first text\n  --long-name VALUE\n            second\n");
  CHECK(cli::entries_text(entries, 12, 15) == "  --a N\n      first\n      text\n  --long-name VALUE\n      second\n");
}

TEST_CASE("the help of every verb: its own options first, then groups, then what every verb has") {
  for (const auto& command : cli::commands()) {
    CAPTURE(command.name);
    const auto titles = titles_in(help_of(command.name));
    REQUIRE(!titles.empty());
    CHECK(titles.back() == "Everywhere:");
    const auto own = std::ranges::find(titles, "Options:");
    if (own != titles.end()) CHECK(own - titles.begin() == (titles.front() == "Arguments:" ? 1 : 0));
  }
}

TEST_CASE("the help of every verb fits the terminal, and each entry can be read alone") {
  for (const auto& command : cli::commands()) {
    CAPTURE(command.name);
    const auto help = help_of(command.name);
    for (const auto line : split_lines(help)) {
      const bool can_be_broken =
          split_words(line).size() > 1 && !line.starts_with("Usage:") && !line.starts_with("Exam");
      if (can_be_broken && !line.starts_with("  -")) CHECK_MESSAGE(line.size() <= 80, line);
    }
    for (const auto& text : texts_in(help)) {
      CAPTURE(text);
      CHECK(!text.empty());
      CHECK((text[0] >= 'A' && text[0] <= 'Z'));
      CHECK(!text.ends_with('.'));
      for (const std::string_view leaning : {"The same", "As pip", "With ", "Without ", "Only ", "In this"})
        CHECK(!text.starts_with(leaning));
    }
  }
}
