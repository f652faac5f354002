#include "pep/moved_bounds.h"

#include <doctest/doctest.h>

#include "support/printers.h"

namespace pep = pkg::pep;

namespace {

// "": nothing moves.
std::string moved(const char* requirement, const char* version) {
  const auto parsed = pep::Version::parse(version);
  REQUIRE_OK(parsed);
  return pep::with_moved_bounds(requirement, *parsed).value_or("");
}

std::string without_upper(const char* requirement) {
  const auto parsed = pep::Requirement::parse(requirement);
  REQUIRE_OK(parsed);
  const auto relaxed = pep::without_upper_bounds(*parsed);
  return relaxed ? relaxed->to_string() : "";
}

}  // namespace

TEST_CASE("bounds move in the style in which they are written") {
  struct Row {
    const char* before;
    const char* version;
    const char* after;
  };
  for (const Row& row :
       {// pins
        Row{"a==1.2", "2.0", "a==2.0"}, Row{"a==1.2", "2.0.3", "a==2.0.3"}, Row{"a==1.2.3", "2", "a==2"},
        Row{"a===1.2", "2.0", "a===2.0"}, Row{"a==1.2", "2.0+cpu", "a==2.0"}, Row{"a==1.2", "2.0rc1", "a==2.0rc1"},
        Row{"a==1.2.post1", "1.3", "a==1.3"}, Row{"a==1.2", "1!0.1", "a==1!0.1"},
        // prefixes and compatible releases: as many numbers as were written
        Row{"a==1.2.*", "2.0.3", "a==2.0.*"}, Row{"a==1.*", "2.4", "a==2.*"}, Row{"a==1.2.*", "2", "a==2.0.*"},
        Row{"a~=1.4", "2.1", "a~=2.1"}, Row{"a~=1.4", "2.1.7", "a~=2.1"}, Row{"a~=1.4.2", "2.1.7", "a~=2.1.7"},
        Row{"a~=1.4.2", "1.5", "a~=1.5.0"}, Row{"a~=1.4", "3", "a~=3.0"}, Row{"a~=1.4", "2.1rc1", "a~=2.1rc1"},
        Row{"a~=1.4", "2.1.3rc1", "a~=2.1"}, Row{"a~=1.4.2", "2!1.0.1", "a~=2!1.0.1"},
        // one step wide: what other tools write as ^ and ~
        Row{"a>=1,<2", "2.0", "a>=2,<3"}, Row{"a>=1,<2", "2.4.1", "a>=2,<3"}, Row{"a>=1.2,<2", "3.1.4", "a>=3.1,<4"},
        Row{"a>=1.2.3,<2", "3.1.4", "a>=3.1.4,<4"}, Row{"a>=1.2.3,<2", "3.1", "a>=3.1,<4"},
        Row{"a>=1.2,<2.0", "3.1.4", "a>=3.1,<4.0"}, Row{"a>=1.2,<2.0.0", "3.1.4", "a>=3.1,<4.0.0"},
        Row{"a>=1.2,<1.3", "2.4.1", "a>=2.4,<2.5"}, Row{"a>=1.2.3,<1.3", "1.4.1", "a>=1.4.1,<1.5"},
        Row{"a<2,>=1.2", "3.1", "a<4,>=3.1"}, Row{"a>=2023.1,<2024", "2026.7.2", "a>=2026.7,<2027"},
        Row{"a>=1,<2", "2.0rc1", "a>=2rc1,<3"}, Row{"a>=1.0,<2.0a0", "2.1", "a>=2.1,<3.0a0"},
        Row{"a>=1.0,<2.dev0", "2.1", "a>=2.1,<3.dev0"},
        // zeros in front do not count
        Row{"a>=0.3.1,<0.4", "0.7.2", "a>=0.7.2,<0.8"}, Row{"a>=0.3,<0.4", "1.2", "a>=1.2,<2"},
        Row{"a>=0.3.1,<0.3.2", "1.2.5", "a>=1.2.5,<1.3"}, Row{"a>=0.9,<1", "2.3", "a>=2.3,<3"},
        Row{"a>=0.0.3,<0.0.4", "0.0.7", "a>=0.0.7,<0.0.8"}, Row{"a>=0,<1", "1.4", "a>=1,<2"},
        // wider: old versions are meant to work, only the upper end moves
        Row{"a>=1.2,<5", "6.1", "a>=1.2,<7"}, Row{"a>=1.21,<3", "3.0", "a>=1.21,<4"}, Row{"a>1,<2", "2.5", "a>1,<3"},
        Row{"a>=1.2,<=2.5", "3.1.4", "a>=1.2,<=3.1.4"},
        // upper bounds alone
        Row{"a<2", "3.1", "a<4"}, Row{"a<2.5", "3.1.4", "a<3.2"}, Row{"a<2.0", "2.0", "a<3.0"},
        Row{"a<=2.5", "3.1.4", "a<=3.1.4"}, Row{"a<0.4", "0.7.2", "a<0.8"}, Row{"a<0.4", "1.2", "a<2"},
        Row{"a<2.10", "2.10.1", "a<2.11"}, Row{"a<1!2", "1!2.3", "a<1!3"},
        // exclusions stay, unless a bound that moved is above them
        Row{"a>=1.2,!=1.5,<2", "3.1", "a>=3.1,<4"}, Row{"a!=1.5,>=1.2,<2", "3.1", "a>=3.1,<4"},
        Row{"a>=1.2,!=1.5.*,<2", "3.1", "a>=3.1,<4"}, Row{"a!=1.5,<2", "3.1", "a!=1.5,<4"},
        Row{"a>=1.2,!=3.5,<2", "3.1", "a>=3.1,!=3.5,<4"}, Row{"a>=1.2,<5,!=2", "6", "a>=1.2,<7,!=2"},
        // spaces, extras, markers, parentheses, names: every other byte stays
        Row{"a >= 1, < 2", "2.4", "a >= 2, < 3"},
        Row{"a[x, y]==1.0 ; python_version<'3.12'", "2.0", "a[x, y]==2.0 ; python_version<'3.12'"},
        Row{"A_b.C (>=1.2, <2)", "3.1", "A_b.C (>=3.1, <4)"},
        Row{"a~= 1.4;os_name=='nt'", "2.1", "a~= 2.1;os_name=='nt'"}, Row{"a == 1.2", "2.0", "a == 2.0"},
        Row{"  a==1.2  ", "2.0", "  a==2.0  "}}) {
    CAPTURE(row.before);
    CAPTURE(row.version);
    CHECK(moved(row.before, row.version) == row.after);
  }
}

TEST_CASE("bounds that fit, or that are meant, stay") {
  struct Row {
    const char* requirement;
    const char* version;
  };
  for (const Row& row :
       {Row{"a", "2"}, Row{"a>=1", "2"}, Row{"a>=1,<3", "2"}, Row{"a==1.2", "1.2.0"}, Row{"a~=1.4", "1.9"},
        // older than what is there
        Row{"a==2.0", "1.9"}, Row{"a>=2,<3", "1.9"}, Row{"a~=2.1", "1.9"}, Row{"a==2.*", "1.9"}, Row{"a===2.0", "1.0"},
        // excluded
        Row{"a<2,!=3.1", "3.1"}, Row{"a>=1,<2,!=3.*", "3.1"},
        // somebody's own build, a place, and what is no version
        Row{"a==2.1+cpu", "3.0"}, Row{"a @ https://x/a-1.tar.gz", "3.0"}, Row{"a===x1", "3.0"},
        Row{"no requirement at all", "3.0"}}) {
    CAPTURE(row.requirement);
    CHECK(moved(row.requirement, row.version).empty());
  }
}

TEST_CASE("without upper bounds only what is older is kept away") {
  struct Row {
    const char* before;
    const char* after;
  };
  for (const Row& row : {Row{"a==1.2", "a>=1.2"}, Row{"a==1.2.*", "a>=1.2"}, Row{"a~=1.4.2", "a>=1.4.2"},
                         Row{"a>=1,<2", "a>=1"}, Row{"a<2", "a"}, Row{"a<=2,!=1.5", "a!=1.5"}, Row{"a===1.2", "a>=1.2"},
                         Row{"a>1,<2", "a>1"}, Row{"a[x]==1.2; os_name == 'nt'", "a[x]>=1.2; os_name == \"nt\""},
                         // nothing to take off
                         Row{"a", ""}, Row{"a>=1", ""}, Row{"a!=1", ""}, Row{"a==2.1+cpu", ""},
                         Row{"a @ https://x/a-1.tar.gz", ""}, Row{"a===x1", ""}}) {
    CAPTURE(row.before);
    CHECK(without_upper(row.before) == row.after);
  }
}
