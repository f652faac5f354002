#include "cli/verb_words.h"

#include <doctest/doctest.h>

#include <string_view>

#include "base/text.h"
#include "cli/command.h"

using namespace pkg;

TEST_CASE("words of other tools lead to the verb of pkg, or say that there is none") {
  for (const std::string_view word : {"update", "search", "ls", "rm", "up", "i", "ci", "publish", "x", "uv"})
    CHECK_MESSAGE(cli::advice_on_verb(word).has_value(), word);
  CHECK(cli::advice_on_verb("ls") == "`pkg list`");
  CHECK(!cli::advice_on_verb("frobnicate").has_value());
  CHECK(!cli::advice_on_verb("").has_value());
}

TEST_CASE("no advice is about a verb that pkg has, and each names verbs that it has") {
  for (const auto& command : cli::commands()) CHECK_MESSAGE(!cli::advice_on_verb(command.name), command.name);
  for (const std::string_view word :
       {"activate", "audit", "build", "ci", "info", "pip", "publish", "search", "update"}) {
    for (auto rest = *cli::advice_on_verb(word); rest.find("`pkg ") != std::string_view::npos;) {
      rest = rest.substr(rest.find("`pkg ") + 5);
      const auto verb = rest.substr(0, rest.find_first_of(" `"));
      CHECK_MESSAGE((verb.starts_with('-') || cli::find_command(verb) != nullptr), word);
    }
  }
}
