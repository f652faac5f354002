#include "cli/cli.h"

#include <doctest/doctest.h>

#include <string>

#include "base/text.h"
#include "captured_output.h"
#include "cli/command.h"
#include "support/ops_kit.h"

using namespace pkg;

TEST_CASE("every verb tells its options, each once, and an example of its own") {
  const test::OpsKit kit;  // no settings of the machine
  for (const auto& command : cli::commands()) {
    CAPTURE(command.name);
    test::CapturedOutput output;
    CHECK(cli::run_words({std::string(command.name), "--help"}) == 0);
    const auto help = output.out();
    CHECK(output.err().empty());
    CHECK(help.find(cat("Usage: pkg ", command.name, " ")) != std::string::npos);
    CHECK(help.find(cat("\nExample: pkg ", command.name)) != std::string::npos);
    for (const char* option : {"--json", "--quiet", "--verbose", "--isolated"}) {
      const auto at = help.find(cat(option, " "));
      CHECK(at != std::string::npos);
      CHECK(help.find(cat(option, " "), at + 1) == std::string::npos);
    }
  }
}

TEST_CASE("a verb is found by its name alone") {
  CHECK(cli::find_command("install")->name == "install");
  CHECK(cli::find_command("instal") == nullptr);
  CHECK(cli::find_command("") == nullptr);
}
