#include "ops/tools/tool_words.h"

#include <doctest/doctest.h>

#include <string>

#include "support/ops_kit.h"
#include "support/printers.h"

using namespace pkg;

namespace {

std::string told(const char* word) {
  const auto read = ops::tool_word(word);
  return read.requirement + (read.is_latest ? " (latest)" : "");
}

}  // namespace

TEST_CASE("a version may follow a name behind an @, and what is no version is left as it is") {
  CHECK(told("ruff") == "ruff");
  CHECK(told("ruff@0.4.1") == "ruff==0.4.1");
  CHECK(told("ruff@latest") == "ruff (latest)");
  CHECK(told("black[d]@24.1") == "black[d]==24.1");
  CHECK(told("black >=24,<25") == "black >=24,<25");
  CHECK(told("ruff@main") == "ruff@main");
  CHECK(told("ruff @ https://x.example/ruff.whl") == "ruff @ https://x.example/ruff.whl");
  CHECK(told("git+https://user@host.example/r@v1") == "git+https://user@host.example/r@v1");
  CHECK(told("./a@1") == "./a@1");
}

TEST_CASE("a plain name is never what lies in the working folder") {
  test::OpsKit kit;
  kit.write("ruff/pyproject.toml", "[project]\nname = \"evil\"\nversion = \"1\"\n");
  kit.write("ruff@1", "");
  auto session = kit.session();
  CHECK(ops::settled_word("ruff", false, session).value().to_string() == "ruff");
  CHECK(ops::settled_word("ruff@1", false, session).value().to_string() == "ruff==1");
  const auto named = ops::settled_word("./ruff", false, session).value().to_string();
  CHECK(kit.with_names(named) == "evil @ file://<work>/ruff");
}
