#include "ops/edit/edit_sources.h"

#include <doctest/doctest.h>

#include "base/text.h"
#include "support/printers.h"

namespace {

using pkg::ops::Source;

pkg::pep::Name name(const std::string& text) { return pkg::pep::Name::from_normalized(text); }

Source path_source(const std::string& path, bool editable = false) {
  Source source;
  source.path = path;
  source.editable = editable;
  return source;
}

constexpr const char* kPlain =
    "[project]\nname = \"x\"  # mine\n\n[tool.pkg]\npackage = false\n\n[tool.other]\na = 1\n";

}  // namespace

TEST_CASE("a source goes into a table of its own, and taking it out gives the bytes from before") {
  const auto added = pkg::ops::with_source(kPlain, name("lib"), path_source("../lib", true), "pyproject.toml");
  REQUIRE_OK(added);
  CHECK(*added ==
        "[project]\nname = \"x\"  # mine\n\n[tool.pkg]\npackage = false\n\n[tool.pkg.sources]\n"
        "lib = { path = \"../lib\", editable = true }\n\n[tool.other]\na = 1\n");
  const auto more = pkg::ops::with_source(*added, name("more"), path_source("more"), "pyproject.toml");
  REQUIRE_OK(more);
  CHECK(more->find("editable = true }\nmore = { path = \"more\" }\n") != std::string::npos);
  auto back = pkg::ops::without_source(*more, name("more"), "pyproject.toml");
  REQUIRE_OK(back);
  CHECK(*back == *added);
  back = pkg::ops::without_source(*back, name("lib"), "pyproject.toml");
  REQUIRE_OK(back);
  CHECK(*back == kPlain);
}

TEST_CASE("a source of the same name is replaced, comments around it stay") {
  const std::string text = "[tool.pkg.sources]\n# about lib\nLib = {git = \"https://git.example/lib\"}  # old\n# end\n";
  const auto changed = pkg::ops::with_source(text, name("lib"), path_source("lib"), "pyproject.toml");
  REQUIRE_OK(changed);
  CHECK(*changed == "[tool.pkg.sources]\n# about lib\nLib = { path = \"lib\" }  # old\n# end\n");
  const auto gone = pkg::ops::without_source(text, name("lib"), "pyproject.toml");
  REQUIRE_OK(gone);
  CHECK(*gone == "[tool.pkg.sources]\n# about lib\n# end\n");
}

TEST_CASE("sources that are written in another way are not edited") {
  const std::string inline_table = "[tool.pkg]\nsources = {a = {path = \"a\"}}\n";
  const auto refused = pkg::ops::with_source(inline_table, name("b"), path_source("b"), "pyproject.toml");
  REQUIRE(!refused.ok());
  CHECK(refused.error().kind == pkg::ErrorKind::unsupported);
  const auto kept = pkg::ops::without_source(inline_table, name("a"), "pyproject.toml");
  REQUIRE_OK(kept);
  CHECK(*kept == inline_table);
}

TEST_CASE("URLs are told as sources") {
  const auto told = [](const std::string& url, bool editable = false) {
    const auto source = pkg::ops::source_from_url(url, editable, "/work/project");
    return source ? pkg::ops::source_table(*source) : "none";
  };
  CHECK(told("file:///work/lib", true) == "{ path = \"../lib\", editable = true }");
  CHECK(told("file:///work/project/dist/a-1.tar.gz#subdirectory=b") ==
        "{ path = \"dist/a-1.tar.gz\", subdirectory = \"b\" }");
  CHECK(told("git+https://git.example/a.git@v1#subdirectory=b") ==
        "{ git = \"https://git.example/a.git\", rev = \"v1\", subdirectory = \"b\" }");
  CHECK(told("https://files.example/a-1.zip") == "{ url = \"https://files.example/a-1.zip\" }");
  CHECK(told("hg+https://hg.example/a") == "none");
}

TEST_CASE("an index goes behind the other tables of [tool.pkg], a second one behind the first") {
  const auto added = pkg::ops::with_index(kPlain, "corp", "https://corp.example/simple/", "pyproject.toml");
  REQUIRE_OK(added);
  CHECK(*added ==
        "[project]\nname = \"x\"  # mine\n\n[tool.pkg]\npackage = false\n\n[[tool.pkg.index]]\nname = \"corp\"\n"
        "url = \"https://corp.example/simple/\"\nexplicit = true\n\n[tool.other]\na = 1\n");
  const auto more = pkg::ops::with_index(*added, "b", "https://b.example/", "pyproject.toml");
  REQUIRE_OK(more);
  CHECK(more->find("explicit = true\n\n[[tool.pkg.index]]\nname = \"b\"\nurl = \"https://b.example/\"\n") !=
        std::string::npos);
  // A list that is written in one line is not taken apart.
  const auto inline_list = pkg::ops::with_index("[tool.pkg]\nindex = [{url = \"https://a.example/\"}]\n", "b",
                                                "https://b.example/", "p.toml");
  REQUIRE(!inline_list.ok());
  CHECK(inline_list.error().kind == pkg::ErrorKind::unsupported);
}
