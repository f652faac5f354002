#include "pep/script_block.h"

#include "support/printers.h"

namespace pkg::pep {

namespace {

std::optional<std::string> block(std::string_view text) {
  const auto found = script_block(text);
  REQUIRE_OK(found);
  return *found ? std::optional((*found)->toml) : std::nullopt;
}

}  // namespace

TEST_CASE("the script block is found and its comment signs are taken off") {
  CHECK(block("#!/usr/bin/env python\n# /// script\n# dependencies = [\n#   \"rich\",\n# ]\n#\n# ///\nimport rich\n") ==
        "dependencies = [\n  \"rich\",\n]\n\n");
  CHECK(block("# /// script\r\n# a = 1\r\n# ///\r\n") == "a = 1\n");
}

TEST_CASE("a script without a block, with an unclosed one or with others has none") {
  CHECK(!block("print(1)\n"));
  CHECK(!block("# /// script\n# a = 1\n"));
  CHECK(!block("# /// script\n# a = 1\nprint()\n# ///\n"));
  CHECK(!block("# /// pytest\n# a = 1\n# ///\n"));
  CHECK(!block("#/// script\n# a = 1\n# ///\n"));
  CHECK(!block("# /// script\n# ///\n"));
}

TEST_CASE("the last closing line of a comment counts, so that a block may hold a block") {
  CHECK(block("# /// script\n# a = '''\n# /// other\n# ///\n# '''\n# ///\n") == "a = '''\n/// other\n///\n'''\n");
}

TEST_CASE("lines and columns of a block's faults are those of the script") {
  const auto found =
      script_block("#!/usr/bin/env python\n\n# /// script\n# a = 1\n# b = [\"x\"\n# c = 2\n# ///\n").value();
  CHECK(found->first_line == 4);
  const auto wrong = parse_block(*found, "s.py");
  REQUIRE(!wrong.ok());
  CHECK(wrong.error().message.starts_with("s.py:6:3: "));
  const auto right = parse_block(ScriptBlock{"a = 1\nb = '''\nx'''\n", 4}, "s.py").value();
  CHECK(right.get("b")->line == 5);
  CHECK(*right.get("b")->as_string() == "x");
}

TEST_CASE("a second script block is an error") {
  const auto twice = script_block("# /// script\n# a = 1\n# ///\n\n# /// script\n# a = 2\n# ///\n");
  REQUIRE(!twice.ok());
  CHECK(twice.error().message == "line 5 begins a second `# /// script` block: a script has at most one");
}

TEST_CASE("a block is written into a script, and nothing else changes") {
  const auto written = [](std::string_view script, std::string_view toml) {
    return with_script_block(script, toml).value();
  };
  const std::string_view script = "#!/usr/bin/env python\n# /// script\n# a = 1\n#\n# ///\nimport x\n";
  CHECK(written(script, *block(script)) == script);
  CHECK(written(script, "b = 2\n\nc = 3\n") ==
        "#!/usr/bin/env python\n# /// script\n# b = 2\n#\n# c = 3\n# ///\nimport x\n");
  CHECK(written("#!/usr/bin/env python\nimport x\n", "a = 1\n") ==
        "#!/usr/bin/env python\n# /// script\n# a = 1\n# ///\n\nimport x\n");
  CHECK(written("import x\r\n", "a = 1\n") == "# /// script\r\n# a = 1\r\n# ///\r\n\r\nimport x\r\n");
  CHECK(written("", "a = 1\n") == "# /// script\n# a = 1\n# ///\n");
}

}  // namespace pkg::pep
