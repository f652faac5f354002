#include "pep/marker.h"

#include <string>

#include "pep/specifier.h"
#include "support/markers.h"
#include "support/printers.h"

namespace pkg::pep {

namespace {

const Environment kLinux = {.os_name = "posix",
                            .sys_platform = "linux",
                            .platform_machine = "x86_64",
                            .platform_python_implementation = "CPython",
                            .platform_release = "6.8.0-45-generic",
                            .platform_system = "Linux",
                            .platform_version = "#45-Ubuntu",
                            .python_version = "3.12",
                            .python_full_version = "3.12.4",
                            .implementation_name = "cpython",
                            .implementation_version = "3.12.4"};

using test::marker;

bool holds(std::string_view text, std::vector<Name> extras = {}) {
  return marker(text).evaluate({.environment = kLinux, .extras = extras});
}

}  // namespace

TEST_CASE("markers compare versions as versions and texts as texts") {
  for (const char* text :
       {"python_version >= '3.9'", "'3.9' <= python_version", "python_version == '3.12.*'",
        "python_full_version ~= '3.12.1'", "sys_platform == 'linux'", "os_name != 'nt'",
        "platform_machine in 'x86_64 aarch64'", "'nux' in sys_platform", "platform_system not in 'Windows Darwin'",
        "sys_platform >= 'linux'", "python_version in '3.11 3.12'"}) {
    CAPTURE(text);
    CHECK(holds(text));
  }
  for (const char* text : {"python_version < '3.9'", "sys_platform > 'a'", "platform_release >= '6'",
                           "python_version >= 'abc'", "'x' == 'x'", "os_name == sys_platform"}) {
    CAPTURE(text);
    CHECK(!holds(text));
  }
}

TEST_CASE("and binds more tightly than or, parentheses more tightly than both") {
  CHECK(holds("os_name == 'posix' or os_name == 'nt' and os_name == 'java'"));
  CHECK(!holds("(os_name == 'posix' or os_name == 'nt') and os_name == 'java'"));
  CHECK(holds("os_name == 'java' and os_name == 'nt' or (os_name == 'posix' and (sys_platform == 'linux'))"));
}

TEST_CASE("an extra is a member of the set of extras asked for") {
  const std::vector<Name> extras = {*Name::parse("dev"), *Name::parse("Foo_Bar")};
  CHECK(holds("extra == 'foo.bar'", extras));
  CHECK(holds("'dev' == extra", extras));
  CHECK(!holds("extra == 'docs'", extras));
  CHECK(!holds("extra != 'dev'", extras));
  CHECK(holds("extra != 'docs'", extras));
  CHECK(!holds("extra == 'dev'"));
  CHECK(holds("extra == ''"));
  CHECK(marker("os_name == 'nt' or extra == 'dev'").mentions_extra());
  CHECK(!marker("os_name == 'nt'").mentions_extra());
}

TEST_CASE("lock files ask for extras and groups as sets") {
  const std::vector<Name> extras = {*Name::parse("a")}, groups = {*Name::parse("dev")};
  const MarkerContext lock{.environment = kLinux, .lock_extras = extras, .lock_groups = groups, .is_lock_file = true};
  CHECK(marker("'A' in extras").evaluate(lock));
  CHECK(marker("'b' not in extras and 'dev' in dependency_groups").evaluate(lock));
  CHECK(!marker("'dev' in extras").evaluate(lock));
  CHECK(!marker("extras == 'a'").evaluate(lock));
  CHECK(!marker("'b' not in extras").evaluate({.environment = kLinux}));
}

namespace {

std::string settled(std::string_view text, const WheelVariant* variant) {
  const auto left = marker(text).for_variant(variant);
  return !left ? "never" : left->is_trivial() ? "always" : left->to_string();
}

}  // namespace

TEST_CASE("which variant a wheel is decides the parts of a marker that ask for it") {
  const WheelVariant cu12{"cu12", {{"nvidia", {{"sm_arch", {"80_real", "90_real"}}}}}, 0};
  const struct {
    std::string_view text, variant, plain;
  } table[] = {
      {"'nvidia' in variant_namespaces", "always", "never"},
      {"'amd' in variant_namespaces", "never", "never"},
      {"'nvid' in variant_namespaces", "never", "never"},
      {"'amd' not in variant_namespaces", "always", "always"},
      {"'nvidia :: sm_arch' in variant_features", "always", "never"},
      {"'nvidia::sm_arch' in variant_features", "always", "never"},
      {"'nvidia :: sm_arch :: 90_real' in variant_properties", "always", "never"},
      {"'nvidia::sm_arch::  80_real' in variant_properties", "always", "never"},
      {"'nvidia :: sm_arch :: 70_real' in variant_properties", "never", "never"},
      {"variant_label == 'cu12'", "always", "never"},
      {"variant_label == ''", "never", "always"},
      {"'null' != variant_label", "always", "always"},
      {"variant_namespaces == 'nvidia'", "never", "never"},
      {"variant_label == 'cu12' and os_name == 'nt'", "os_name == \"nt\"", "never"},
      {"variant_label == 'cu12' or os_name == 'nt'", "always", "os_name == \"nt\""},
      {"(variant_label == '' or os_name == 'nt' or os_name == 'os2') and extra == 'x'",
       "(os_name == \"nt\" or os_name == \"os2\") and extra == \"x\"", "extra == \"x\""},
      {"os_name == 'nt'", "os_name == \"nt\"", "os_name == \"nt\""},
  };
  for (const auto& [text, variant, plain] : table) {
    CAPTURE(text);
    CHECK(settled(text, &cu12) == variant);
    CHECK(settled(text, nullptr) == plain);
    const bool holds_for_plain = marker(text).evaluate({.environment = kLinux});
    CHECK(marker(text).for_variant(nullptr).has_value() >= holds_for_plain);
    CHECK(marker(text).evaluate({.environment = kLinux, .variant = &cu12}) ==
          (variant == "always" || (variant != "never" && marker(variant).evaluate({.environment = kLinux}))));
  }
}

TEST_CASE("comparisons without a meaning are false") {
  const MarkerContext context{.environment = kLinux};
  for (const char* text : {"os_name ~= '1.0'", "os_name === 'posix'", "python_version ~= '3'", "'a' == 'a'"}) {
    CAPTURE(text);
    CHECK(!marker(text).evaluate(context));
  }
}

TEST_CASE("a Python that calls itself 3.15.0a8+ has a version") {
  Environment environment = kLinux;
  environment.python_full_version = "3.15.0a8+";
  CHECK(marker("python_full_version >= '3.15.0a8'").evaluate({.environment = environment}));
}

TEST_CASE("a marker prints with double quotes and the parentheses that group") {
  const std::pair<const char*, const char*> table[] = {
      {"os_name=='nt'", "os_name == \"nt\""},
      {"((os.name=='nt'))", "os_name == \"nt\""},
      {"(os_name == 'a' or os_name == 'b') and extra=='C_d'",
       "(os_name == \"a\" or os_name == \"b\") and extra == \"c-d\""},
      {"os_name == 'a\"b'", "os_name == 'a\"b'"},
      {"'3' not   in python_version", "\"3\" not in python_version"},
      {"python_implementation == 'x'", "platform_python_implementation == \"x\""},
      {"'a' < 'b'", "\"a\" < \"b\""},
      {"os_name == sys_platform", "os_name == sys_platform"},
  };
  for (const auto& [text, normal] : table) {
    CAPTURE(text);
    CHECK(marker(text).to_string() == normal);
    CHECK(marker(marker(text).to_string()) == marker(text));
  }
  CHECK(Marker().to_string().empty());
  CHECK(Marker().evaluate({.environment = kLinux}));
}

TEST_CASE("children come before their parents, the root last") {
  const Marker parsed = marker("os_name == 'a' or os_name == 'b' and os_name == 'c'");
  const auto nodes = parsed.nodes();
  REQUIRE(nodes.size() == 5);
  CHECK(nodes.back().kind == MarkerNode::Kind::any);
  CHECK(nodes.back().children == std::vector<std::uint32_t>{0, 3});
}

TEST_CASE("specifiers of Python become a marker") {
  const auto text = [](std::string_view pythons) {
    return for_pythons(SpecifierSet::parse(pythons).value()).to_string();
  };
  CHECK(text("").empty());
  CHECK(text(">=3.12") == "python_full_version >= \"3.12\"");
  CHECK(text("~=3.10,!=3.11.*,<3.14") ==
        "python_full_version != \"3.11.*\" and python_full_version < \"3.14\" and python_full_version ~= \"3.10\"");
}

TEST_CASE("a broken marker is shown with a caret at the place") {
  const auto failed = Marker::parse("python_version >= '3' and os_nam == 'nt'");
  REQUIRE(!failed.ok());
  CHECK(
      failed.error().message ==
      "`python_version >= '3' and os_nam == 'nt'` is not an environment marker: there is no variable `os_nam`, did you "
      "mean `os_name`?");
  REQUIRE(failed.error().context.size() == 1);
  const std::string& shown = failed.error().context.front();
  const std::size_t newline = shown.find('\n');
  CHECK(shown.find('^') - newline - 1 == shown.find("os_nam"));
}

TEST_CASE("broken markers are refused") {
  for (const char* text : {"", "()", "os_name", "os_name ==", "os_name == 'a", "os_name == 'a' and", "(os_name == 'a'",
                           "os_name == 'a')", "os_name = 'a'", "os_name == 'a' os_name == 'b'", "os_name == 'a'\n",
                           "os_name not 'a'", "os_name == 'a' xor os_name == 'b'", "foo == 'a'"}) {
    CAPTURE(text);
    CHECK(!Marker::parse(text).ok());
  }
}

TEST_CASE("parentheses may nest 64 deep and no deeper") {
  const std::string atom = "os_name == 'posix'";
  CHECK(holds(std::string(64, '(') + atom + std::string(64, ')')));
  CHECK(!Marker::parse(std::string(65, '(') + atom + std::string(65, ')')).ok());
  std::string chain = atom;
  for (int i = 0; i < 10'000; ++i) chain += " and " + atom;
  CHECK(holds(chain));
}

}  // namespace pkg::pep
