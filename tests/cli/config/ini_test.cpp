#include "cli/config/ini.h"

#include <doctest/doctest.h>

#include "base/text.h"
#include "support/printers.h"

using namespace pkg;

TEST_CASE("the spellings of a key are one key") {
  for (const auto& [written, key] : {std::pair{"INDEX_URL", "index-url"},
                                     {"--index-url", "index-url"},
                                     {"default-index", "index-url"},
                                     {"default_timeout", "timeout"},
                                     {"no-cache-dir", "no-cache"},
                                     {"uploaded-prior-to", "exclude-newer"}}) {
    CHECK(cli::canonical_key(written) == key);
  }
}

TEST_CASE("an INI file is read as pip reads it") {
  const auto entries = cli::parse_ini(
      "; first\n[global]\nIndex_URL: https://index.example/\n# between\nfind-links =\n  /a\n\t/b\n\n[install]\nx=\n",
      "pip.conf");
  REQUIRE_OK(entries);
  std::string told;
  for (const auto& entry : *entries) append(told, entry.section, "|", entry.key, "|", entry.value, "\n");
  CHECK(told == "global|index-url|https://index.example/\nglobal|find-links|\n/a\n/b\ninstall|x|\n");
}

TEST_CASE("what is no setting is told with its line") {
  for (const auto& [text, message] :
       {std::pair{"a = 1\n", "f:1: expected `key = value` below a [section], found `a = 1`"},
        {"[global]\n\n  late\nword\n", "f:3: expected `key = value` below a [section], found `late`"},
        {"[global]\na = 1\nword\n", "f:3: expected `key = value` below a [section], found `word`"}}) {
    const auto entries = cli::parse_ini(text, "f");
    REQUIRE(!entries.ok());
    CHECK(entries.error().message == message);
  }
}
