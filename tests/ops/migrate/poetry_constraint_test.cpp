#include "ops/migrate/poetry_constraint.h"

#include <doctest/doctest.h>

#include "base/text.h"
#include "ops/migrate/import_values.h"
#include "support/printers.h"

namespace {

using namespace pkg;

std::string specifiers(std::string_view text) {
  const auto constraint = ops::parse_poetry_constraint(text);
  if (!constraint) return constraint.error().message;
  const auto said = ops::specifiers_for(*constraint);
  return cat(said.is_exact ? "" : "about ", ops::specifiers_text(said.specifiers));
}

std::string marker(std::string_view text) {
  const auto constraint = ops::parse_poetry_constraint(text);
  return constraint ? ops::python_marker(*constraint).to_string() : constraint.error().message;
}

struct Row {
  const char* text;
  const char* result;
};

}  // namespace

TEST_CASE("a constraint of Poetry becomes specifiers") {
  for (const Row& row : {Row{"*", ""},
                         Row{"", ""},
                         Row{"^1.2.3", ">=1.2.3,<2.0"},
                         Row{"^1.2", ">=1.2,<2.0"},
                         Row{"^1", ">=1,<2"},
                         Row{"^0.2.3", ">=0.2.3,<0.3"},
                         Row{"^0.0.3", ">=0.0.3,<0.0.4"},
                         Row{"^0.0", ">=0.0,<0.1"},
                         Row{"^0", ">=0,<1"},
                         Row{"^1.2.3b1", ">=1.2.3b1,<2.0"},
                         Row{"^2023.7.22", ">=2023.7.22,<2024.0"},
                         Row{"^1!2.0", ">=1!2.0,<1!3.0"},
                         Row{"~1.2.3", ">=1.2.3,<1.3"},
                         Row{"~1.2", ">=1.2,<1.3"},
                         Row{"~1", ">=1,<2"},
                         Row{"~=1.2.3", "~=1.2.3"},
                         Row{"1.2.3", "==1.2.3"},
                         Row{"=1.2.3", "==1.2.3"},
                         Row{"==1.2.3", "==1.2.3"},
                         Row{"1.2.*", "==1.2.*"},
                         Row{"1.*", "==1.*"},
                         Row{"==1.x", "==1.*"},
                         Row{"!=1.2.*", "!=1.2.*"},
                         Row{">=*", ""},
                         Row{">= 1.2, < 1.5", ">=1.2,<1.5"},
                         Row{">=1.2 <1.5", ">=1.2,<1.5"},
                         Row{">1,<=2,!=1.5", ">1,<=2,!=1.5"},
                         Row{"^1.2,!=1.2.5", ">=1.2,<2.0,!=1.2.5"}}) {
    CAPTURE(row.text);
    CHECK(specifiers(row.text) == row.result);
  }
}

TEST_CASE("alternatives become one range with exclusions where that says the same") {
  for (const Row& row : {Row{">=1,<2 || >=3", ">=1,!=2.*"}, Row{">=3 || >=1,<2", ">=1,!=2.*"},
                         Row{"^3.4 || ^2.7", ">=2.7,<4.0,!=3.0.*,!=3.1.*,!=3.2.*,!=3.3.*"},
                         Row{">=3.8,<3.10 || >=3.12,<4", ">=3.8,<4,!=3.10.*,!=3.11.*"}, Row{"<2 || >2", "!=2"},
                         Row{"^1 | ^2", ">=1,<3"}, Row{"1.0 || 1.1", "about >=1.0,<=1.1"}, Row{"<2 || >=1", ""},
                         Row{"* || 1.0", ""}, Row{"!=1.5 || >=2", "about "}, Row{">=1,<2 || >=60", "about >=1"}}) {
    CAPTURE(row.text);
    CHECK(specifiers(row.text) == row.result);
  }
}

TEST_CASE("a constraint on Python becomes a marker") {
  for (const Row& row : {Row{"*", ""}, Row{"^3.8", "python_version >= \"3.8\" and python_version < \"4.0\""},
                         Row{"<3.11", "python_version < \"3.11\""}, Row{">=3.8.1", "python_full_version >= \"3.8.1\""},
                         Row{"3.9.*", "python_version == \"3.9\""}, Row{"!=3.9.*", "python_version != \"3.9\""},
                         Row{">3.8", "python_full_version > \"3.8.0\""},
                         Row{"~=3.8", "python_version >= \"3.8\" and python_version < \"4.0\""},
                         Row{"<3.8 || >=3.10", "python_version < \"3.8\" or python_version >= \"3.10\""},
                         Row{"3.*", "python_version >= \"3\" and python_version < \"4\""}}) {
    CAPTURE(row.text);
    CHECK(marker(row.text) == row.result);
  }
}

TEST_CASE("what is no constraint is refused by name") {
  CHECK(specifiers("newest") == "`newest` in `newest` is no version constraint of Poetry");
  CHECK(specifiers("^") == "`^` in `^` is no version constraint of Poetry");
  CHECK(specifiers(">=1,^x") == "`^x` in `>=1,^x` is no version constraint of Poetry");
  CHECK(specifiers("1!=2") == "==1,!=2");
  CHECK(specifiers("1 ||") == "nothing stands beside `|` in `1 ||`");
  CHECK(specifiers(">1.*") == "`>1.*` in `>1.*` is no version constraint of Poetry");
  std::string many = "1";
  for (int i = 0; i < 200; ++i) many += " || 1";
  CHECK(specifiers(many) == "more than 100 alternatives in a constraint");
}
