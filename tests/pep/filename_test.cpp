#include "pep/filename.h"

#include "support/printers.h"

namespace pkg::pep {
namespace {

std::string error_of(std::string_view file_name) {
  const auto wheel = WheelName::parse(file_name);
  return wheel.ok() ? "parsed" : wheel.error().message;
}

std::string sdist(std::string_view file_name, const Name* expected = nullptr) {
  const auto parsed = SdistName::parse(file_name, expected);
  return parsed.ok() ? parsed->name.str() + " " + parsed->version.to_string() : parsed.error().message;
}

}  // namespace

TEST_CASE("a wheel name is taken apart, its tags in lower case") {
  const auto wheel = WheelName::parse("Foo.Bar-1.0-2abc-PY2.py3-NONE-any.whl");
  REQUIRE_OK(wheel);
  CHECK(wheel->name.str() == "foo-bar");
  CHECK(wheel->version.to_string() == "1.0");
  CHECK(wheel->build == BuildTag{2, "abc"});
  CHECK(wheel->interpreters == "py2.py3");
  CHECK(wheel->abis == "none");
  CHECK(wheel->platforms == "any");
}

TEST_CASE("build tags are ordered by number, then by the rest; none comes first") {
  const std::vector<BuildTag> sorted = {{}, {0, ""}, {1, ""}, {1, "a"}, {2, ""}, {10, ""}};
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    for (std::size_t j = 0; j < sorted.size(); ++j) CHECK((sorted[i] <=> sorted[j]) == (i <=> j));
  }
}

TEST_CASE("what is no wheel name is refused, and the message says why") {
  CHECK(error_of("foo-1.0.tar.gz") ==
        "`foo-1.0.tar.gz` is not a wheel file name: expected `name-version[-build]-python-abi-platform[-label].whl`");
  CHECK(error_of("foo-1.0-py3-none.whl") ==
        "`foo-1.0-py3-none.whl` is not a wheel file name: expected "
        "`name-version[-build]-python-abi-platform[-label].whl`");
  CHECK(error_of("foo-x-py3-none-any.whl") ==
        "`foo-x-py3-none-any.whl` is not a wheel file name: `x` is not a version");
  CHECK(error_of("foo-1.0-b1-py3-none-any.whl") ==
        "`foo-1.0-b1-py3-none-any.whl` is not a wheel file name: the build tag `b1` does not begin with a number");
  CHECK(error_of("foo-1.0-py3.-none-any.whl") ==
        "`foo-1.0-py3.-none-any.whl` is not a wheel file name: its compatibility tags are malformed");
  CHECK(error_of("f!o-1.0-py3-none-any.whl") ==
        "`f!o-1.0-py3-none-any.whl` is not a wheel file name: `f!o` is not a project name");
}

TEST_CASE("a wheel variant has a label behind its tags, whether or not there is a build tag") {
  const auto plain = WheelName::parse("foo-1.0-cp313-cp313t-musllinux_1_2_x86_64-x86_64_v3.whl");
  REQUIRE_OK(plain);
  CHECK(plain->build == BuildTag{});
  CHECK(plain->interpreters == "cp313");
  CHECK(plain->abis == "cp313t");
  CHECK(plain->platforms == "musllinux_1_2_x86_64");
  CHECK(plain->label == "x86_64_v3");
  const auto built = WheelName::parse("foo-1.0-1-cp313-cp313t-linux_x86_64-cu12.8.whl");
  REQUIRE_OK(built);
  CHECK(built->build == BuildTag{1, ""});
  CHECK(built->platforms == "linux_x86_64");
  CHECK(built->label == "cu12.8");
  CHECK(WheelName::parse("foo-1.0-1-py3-none-any.whl").value().label.empty());
  CHECK(
      error_of("foo-1.0-py3-none-any-CU12.whl") ==
      "`foo-1.0-py3-none-any-CU12.whl` is not a wheel file name: its variant label `CU12` is not made of a-z, 0-9, `_` "
      "and `.`");
  CHECK(error_of("foo-1.0-py3-none-any-.whl").ends_with("its variant label `` is not made of a-z, 0-9, `_` and `.`"));
  CHECK(error_of("foo-1.0-b1-py3-none-any-cu12.whl").ends_with("the build tag `b1` does not begin with a number"));
  CHECK_FALSE(WheelName::parse("foo-1.0-1-py3-none-any-cu12-x.whl").ok());
}

TEST_CASE("the file that says what variants are is named like them") {
  const auto name = VariantsJsonName::parse("Foo_Bar-1.0-variants.json");
  REQUIRE(name.has_value());
  CHECK(name->name.str() == "foo-bar");
  CHECK(name->version.to_string() == "1.0");
  for (const auto wrong : {"foo-variants.json", "foo-x-variants.json", "foo-1.0-variants.json.asc",
                           "foo-1-0-variants.json", "-1.0-variants.json", "a/foo-1.0-variants.json"})
    CHECK_FALSE(VariantsJsonName::parse(wrong).has_value());
}

TEST_CASE("no part of a file name may lead out of a folder") {
  CHECK(error_of("foo-1.0-1/../../x-py3-none-any.whl") ==
        "`foo-1.0-1/../../x-py3-none-any.whl` is not a wheel file name: it contains a path separator or a control "
        "character");
  CHECK_FALSE(WheelName::parse("foo-1.0-py3-none-any\n.whl").ok());
  CHECK_FALSE(SdistName::parse("a/foo-1.0.tar.gz").ok());
  CHECK_FALSE(SdistName::parse("a\\foo-1.0.zip").ok());
}

TEST_CASE("an sdist name splits at its last dash, or where the expected project says") {
  CHECK(sdist("foo-bar-1.0.tar.gz") == "foo-bar 1.0");
  CHECK(sdist("foo-1.0.zip") == "foo 1.0");
  const Name foo = Name::from_normalized("foo"), other = Name::from_normalized("other");
  CHECK(sdist("foo-1.0-rc1.tar.gz", &foo) == "foo 1.0rc1");
  CHECK(sdist("foo-1.0-1.tar.gz", &foo) == "foo 1.0.post1");
  CHECK(sdist("foo-1.0-1.tar.gz", &other) == "foo-1-0 1");
  CHECK(sdist("foo-1.0.tgz") == "`foo-1.0.tgz` is not an sdist file name: expected `name-version.tar.gz` or `.zip`");
  CHECK(sdist("foo.tar.gz") == "`foo.tar.gz` is not an sdist file name: there is no `-` between name and version");
}

TEST_CASE("the pieces of a wheel name are views into it") {
  const std::string_view file_name = "a-1-py3-none-any.whl";
  const auto parts = split_wheel_name(file_name);
  REQUIRE(parts.has_value());
  CHECK(parts->version.data() == file_name.data() + 2);
  CHECK(parts->build.empty());
  CHECK(parts->platforms == "any");
  CHECK_FALSE(split_wheel_name("a-1--py3-none-any.whl").has_value());
}

}  // namespace pkg::pep
