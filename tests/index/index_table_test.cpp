#include "index/index_table.h"

#include <doctest/doctest.h>

#include "base/text.h"
#include "support/printers.h"

namespace pkg::index {
namespace {

Result<std::vector<IndexEntry>> read(const std::string& text) {
  const auto root = toml::parse(text, "pkg.toml");
  REQUIRE_OK(root);
  return read_index_tables(*root->get("index"), "pkg.toml", "/srv/project");
}

}  // namespace

TEST_CASE("an index says what it is and how it is to be asked") {
  const auto entries = read(R"(
[[index]]
name = "corp"
url = "https://index.example/simple/"
explicit = true
authenticate = "always"
ignore-error-codes = [403, 503]
cache-control = { api = "max-age=60", files = "max-age=1" }
exclude-newer = "2 days"
publish-url = "https://upload.example/"
[[index]]
url = "./wheels"
format = "flat"
default = true
authenticate = "never"
exclude-newer = false
[[index]]
url = "https://other.example/simple/"
exclude-newer = 2026-01-01
)");
  REQUIRE_OK(entries);
  REQUIRE(entries->size() == 3);
  const auto& corp = entries->front();
  CHECK(corp.location.name == "corp");
  CHECK(corp.location.is_explicit);
  CHECK_FALSE(corp.is_default);
  CHECK(corp.location.rules == IndexRules{.authenticate = Authenticate::always,
                                          .ignored_statuses = {403, 503},
                                          .cache_control = "max-age=60",
                                          .exclude_newer = "2 days"});
  const auto& flat = (*entries)[1];
  CHECK(flat.location.url == SecretUrl("file:///srv/project/wheels"));
  CHECK(flat.is_default);
  CHECK(flat.location.rules ==
        IndexRules{.authenticate = Authenticate::never, .exclude_newer = "false", .is_flat = true});
  CHECK((*entries)[2].location.rules.exclude_newer == "2026-01-01");
}

TEST_CASE("what is no setting of an index is an error with its line") {
  struct Row {
    const char *text, *message, *hint;
  };
  const std::string start = "[[index]]\nurl = 'https://index.example/'\n";
  for (const auto& row : std::initializer_list<Row>{
           {"explict = true", "pkg.toml:3: `explict` is no setting of an index", "did you mean `explicit`?"},
           {"explicit = 'true'", "pkg.toml:3: `explicit` of an index is a string, expected true or false", ""},
           {"default = 1", "pkg.toml:3: `default` of an index is an integer, expected true or false", ""},
           {"name = 5", "pkg.toml:3: `name` of an index is an integer, expected a string", ""},
           {"authenticate = 'sometimes'",
            "pkg.toml:3: `authenticate` of an index is `sometimes`, expected auto, always or never", ""},
           {"ignore-error-codes = [200]",
            "pkg.toml:3: `ignore-error-codes` of an index holds 200, expected an array of status codes from 400 to 599",
            ""},
           {"cache-control = { apis = 'x' }",
            "pkg.toml:3: `apis` is no setting of `cache-control`, expected a table as in { api = \"max-age=600\" }",
            ""},
           {"format = 'json'", "pkg.toml:3: `format` of an index is `json`, expected simple or flat", ""},
           {"exclude-newer = true",
            "pkg.toml:3: `exclude-newer` of an index is a boolean, expected a date, a duration, or false", ""},
       }) {
    CAPTURE(row.text);
    const auto entries = read(start + row.text);
    REQUIRE_FALSE(entries.ok());
    CHECK(entries.error().kind == ErrorKind::bad_data);
    CHECK(entries.error().message == row.message);
    CHECK(entries.error().hint == row.hint);
  }
  CHECK_FALSE(read(start + "exclude-newer = 'soon'").ok());
  CHECK(read("[[index]]\nname = 'x'").error().message == "pkg.toml:1: an index needs a `url`");
  CHECK(read("[index]\nurl = 'x'").error().message == "pkg.toml:1: `index` is a table, expected an array of tables");
}

TEST_CASE("of two indexes with one name neither is guessed to be the right one") {
  const std::string one = "[[index]]\nname = 'corp'\nurl = 'https://index.example/'\n";
  CHECK(read(one + one).error().message == "pkg.toml:4: the index `corp` is there twice, first in line 1");
  const std::string nameless = "[[index]]\nurl = 'https://index.example/'\n";
  REQUIRE_OK(read(nameless + nameless));
}

}  // namespace pkg::index
