#include "pep/name.h"

#include "support/printers.h"

namespace pkg::pep {

TEST_CASE("names are compared in lower case, with runs of -_. as one dash") {
  for (const char* text :
       {"Friendly-Bard", "FRIENDLY-BARD", "friendly.bard", "friendly_bard", "friendly--bard", "FrIeNdLy-._.-bArD"}) {
    CAPTURE(text);
    const auto name = Name::parse(text);
    REQUIRE_OK(name);
    CHECK(name->str() == "friendly-bard");
  }
}

TEST_CASE("file names spell a name with underscores") {
  CHECK(Name::parse("Foo.Bar-baz")->with_underscores() == "foo_bar_baz");
}

TEST_CASE("a name has letters and digits at both ends") {
  for (const char* text : {"", "-", "_a", "a_", "a.", "a b", "a/b", "caf\xc3\xa9"}) {
    CAPTURE(text);
    CHECK(!is_valid_name(text));
    CHECK(!Name::parse(text).ok());
  }
  CHECK(Name::parse("a_").error().message ==
        "`a_` is not a valid name: expected letters, digits and `.-_`, with a letter or digit at both ends");
}

}  // namespace pkg::pep
