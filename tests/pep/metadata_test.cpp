#include "pep/metadata.h"

#include "pep/header_fields.h"
#include "support/printers.h"

namespace pkg::pep {
namespace {

std::string error_of(std::string_view text) {
  const auto metadata = Metadata::parse(text);
  return metadata.ok() ? "parsed" : metadata.error().message;
}

constexpr std::string_view kNumpyLike =
    "Metadata-Version: 2.1\nName: Foo_Bar\nVersion: 01.0\nRequires-Python: >=3.9\nProvides-Extra: X_y\nRequires-Dist: "
    "a>=1\n"
    "Requires-Dist: b ; extra == 'X_y'\nSummary: s\n\nRequires-Dist: not-a-field\n";

}  // namespace

TEST_CASE("an installer takes name, version and requirements, and nothing from the body") {
  const auto metadata = Metadata::parse(kNumpyLike);
  REQUIRE_OK(metadata);
  CHECK(metadata->name.str() == "foo-bar");
  CHECK(metadata->name_text == "Foo_Bar");
  CHECK(metadata->version_text == "01.0");
  CHECK(metadata->version.to_string() == "1.0");
  CHECK(metadata->has_requires_python);
  CHECK(metadata->requires_python.to_string() == ">=3.9");
  CHECK(metadata->provides_extra == std::vector<Name>{Name::from_normalized("x-y")});
  REQUIRE(metadata->requires_dist.size() == 2);
  CHECK(metadata->requires_dist[1].to_string() == "b; extra == \"x-y\"");
  CHECK(metadata->broken_requirements.empty());
}

TEST_CASE("a requirement that cannot be read is kept as a message, the others are read") {
  const auto metadata =
      Metadata::parse("Metadata-Version: 2.1\nName: foo\nVersion: 1\nRequires-Dist: a>\nRequires-Dist: b\n");
  REQUIRE_OK(metadata);
  REQUIRE(metadata->broken_requirements.size() == 1);
  CHECK(metadata->broken_requirements[0].starts_with("`a>` is not a requirement: "));
  CHECK(metadata->requires_dist.size() == 1);
}

TEST_CASE("a Requires-Python that is no specifier excludes nothing") {
  const auto metadata = Metadata::parse("Metadata-Version: 2.1\nName: foo\nVersion: 1\nRequires-Python: 3.x\n");
  REQUIRE_OK(metadata);
  CHECK_FALSE(metadata->has_requires_python);
  CHECK(metadata->requires_python_text == "3.x");
}

TEST_CASE("metadata without a clear name or version, or of an unknown major version, is refused") {
  CHECK(error_of("Metadata-Version: 2.1\nVersion: 1\n") == "the metadata field `Name` is missing");
  CHECK(error_of("Metadata-Version: 2.1\nName: a\nName: a\nVersion: 1\n") ==
        "the metadata field `Name` is given more than once");
  CHECK(error_of("Metadata-Version: 2.1\nName: -a\nVersion: 1\n") ==
        "the metadata field `Name` is `-a`, expected a project name");
  CHECK(error_of("Metadata-Version: 2.1\nName: a\nVersion: x\n") ==
        "the metadata field `Version` is `x`, expected a version");
  CHECK(error_of("Metadata-Version: 3.0\nName: a\nVersion: 1\n") ==
        "metadata version `3.0` is not known, expected 1.x or 2.x");
  CHECK(error_of("Name: a\nVersion: 1\n") == "parsed");
}

TEST_CASE("the essential lines give the same metadata again") {
  const auto essential = essential_metadata(kNumpyLike);
  REQUIRE_OK(essential);
  CHECK(*essential ==
        "Metadata-Version: 2.1\nName: Foo_Bar\nVersion: 01.0\nRequires-Python: >=3.9\nProvides-Extra: "
        "X_y\nRequires-Dist: a>=1\n"
        "Requires-Dist: b ; extra == 'X_y'\n");
  CHECK(essential_metadata(*essential).value() == *essential);
  CHECK(essential_metadata("<html>").error().message ==
        "this is no core metadata: neither `Name` nor `Version` is there");
}

TEST_CASE("fields are folded, end at the first other line, and keep their order and case of values") {
  const auto raw = parse_raw_metadata("From x\nName: a\r\nLICENSE: one\r\n two\r\n\r\nbody\r\n");
  REQUIRE_OK(raw);
  using Fields = std::vector<std::pair<std::string, std::string>>;
  CHECK(raw->fields == Fields{{"name", "a"}, {"license", "one\r\n two"}});
  CHECK(raw->description == "body\r\n");
  CHECK(*raw->get("license") == "one\r\n two");
  CHECK(raw->get("version") == nullptr);
  const auto broken = parse_raw_metadata("Name: a\nno colon here\nVersion: 1\n");
  REQUIRE_OK(broken);
  CHECK(broken->fields == Fields{{"name", "a"}});
  CHECK(broken->description == "no colon here\nVersion: 1\n");
}

TEST_CASE("values are views into the text, without a copy even when folded") {
  const std::string text = "A: x\n  y\nB:z";
  HeaderReader reader(text);
  const auto a = reader.next();
  REQUIRE(a.has_value());
  CHECK(a->value == "x\n  y");
  CHECK(a->value.data() == text.data() + 3);
  CHECK(reader.next()->value == "z");
  CHECK_FALSE(reader.next().has_value());
  CHECK(reader.body().empty());
}

}  // namespace pkg::pep
