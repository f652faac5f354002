#include "pep/requirement.h"

#include <string>

#include "support/printers.h"

namespace pkg::pep {

namespace {

Requirement requirement(std::string_view text) {
  const auto parsed = Requirement::parse(text);
  REQUIRE_OK(parsed);
  return *parsed;
}

// The caret's column, from 0, and the text that it points into.
std::size_t caret_column(const Error& error) {
  const std::string& shown = error.context.front();
  return shown.find('^') - shown.find('\n') - 1;
}

}  // namespace

TEST_CASE("a requirement's parts are read in every form") {
  const Requirement full = requirement("  Foo.Bar [Sec_urity, tests]>=1.0 , <2 ; python_version>'3' ");
  CHECK(full.name.str() == "foo-bar");
  CHECK(full.name_as_written == "Foo.Bar");
  CHECK(full.extras == std::vector<Name>{*Name::parse("sec-urity"), *Name::parse("tests")});
  CHECK(full.specifiers.to_string() == "<2,>=1.0");
  CHECK(full.marker.to_string() == "python_version > \"3\"");
  CHECK(requirement("foo (>=1,<2)").specifiers.to_string() == "<2,>=1");
  CHECK(requirement("foo()").specifiers.empty());
  CHECK(requirement("foo>=1,").specifiers.to_string() == ">=1");
  CHECK(requirement("foo@https://e.com/a.zip ; os_name=='nt'").url == "https://e.com/a.zip");
  CHECK(requirement("foo @ file:///tmp/a;b").url == "file:///tmp/a;b");
  CHECK(requirement("foo[]").extras.empty());
}

TEST_CASE("a requirement prints so that it parses back to an equal one") {
  for (const char* text : {"foo", "foo>=1", "Foo_Bar[A_b,c]<2,>=1", "foo; os_name == \"nt\"",
                           "foo[x] @ https://e.com/a.zip ; extra == \"y\"",
                           "foo @ git+https://e.com/r.git@v1#subdirectory=x", "foo==1.0.RC1"}) {
    CAPTURE(text);
    CHECK(requirement(text).to_string() == text);
    CHECK(requirement(requirement(text).to_string()) == requirement(text));
  }
  CHECK(requirement("foo[b,a,b]").to_string() == "foo[a,b]");
  CHECK(requirement("Foo[A_b]") == requirement("foo[a-b]"));
}

TEST_CASE("a broken requirement is refused with its place and a hint") {
  struct Row {
    const char* text;
    const char* reason;
    std::size_t column;
  };
  const Row table[] = {
      {"", "expected a project's name", 0},
      {"foo bar", "expected a version specifier such as `>=1.2`, `;` and a marker, or the end", 4},
      {"foo=1.0", "`=` is not a version comparison", 3},
      {"foo>=", "no version follows `>=`", 3},
      {"foo >= ,<2", "no version follows `>=`", 4},
      {"foo>=x", "`>=x` is not a version specifier", 3},
      {"foo>=1,<2.*", "`<2.*` is not a version specifier", 7},
      {"foo[a", "expected `,` or `]`", 5},
      {"foo[a,]", "expected an extra's name", 6},
      {"foo_", "a name may not end in `_`", 0},
      {"foo @ ", "expected a URL after `@`", 6},
      {"foo @ https://e.com x", "expected the end, or `;` and a marker", 20},
      {"foo (>=1", "expected `)`", 8},
      {"foo; os_nam == 'a'", "there is no variable `os_nam`, did you mean `os_name`?", 5},
      {"foo; os_name == posix", "there is no variable `posix`, and a text stands in quotes: \"posix\"", 16},
      {"foo; == 'a'", "expected a variable such as `python_version`, or a quoted text", 5},
      {"./foo", "expected a project's name", 0},
  };
  for (const Row& row : table) {
    CAPTURE(row.text);
    const auto failed = Requirement::parse(row.text);
    REQUIRE(!failed.ok());
    CHECK(failed.error().kind == ErrorKind::bad_data);
    CHECK(failed.error().message == "`" + std::string(row.text) + "` is not a requirement: " + row.reason);
    CHECK(caret_column(failed.error()) == row.column);
  }
  CHECK(Requirement::parse("foo=1.0").error().hint == "write `==` for an exact version");
  CHECK(Requirement::parse("https://e.com/a.zip").error().message ==
        "`https://e.com/a.zip` is not a requirement: this is a URL without a name");
  CHECK(Requirement::parse("./foo").error().hint == "a URL or a path needs a name: `name @ URL`");
}

}  // namespace pkg::pep
