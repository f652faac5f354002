#include "lock/pylock_builds.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "base/text.h"
#include "lock/lock_resolution.h"
#include "lock/lock_texts.h"
#include "lock/locked_source.h"
#include "lock/pylock.h"
#include "lock/quick_toml.h"

namespace {

using namespace pkg;
using test::name;

pep::Version version(const std::string& text) { return pep::Version::parse(text).value(); }

lock::LockedPackage tool_package(const std::string& project, const std::string& number) {
  lock::LockedPackage package;
  package.name = name(project);
  package.version = version(number);
  package.index = "https://index.example/simple/";
  for (const auto* tag : {"cp312-cp312-linux_x86_64", "py3-none-any"}) {
    auto& wheel = package.wheels.emplace_back();
    wheel.name = cat(project, "-", number, "-", tag, ".whl");
    wheel.url = cat("https://files.example/", wheel.name);
    wheel.hashes = {{"sha256", test::sha('a')}};
  }
  return package;
}

lock::LockFile example() {
  lock::LockFile lock;
  lock.tool.version = lock::kLockToolVersion;
  lock.tool.inputs_digest = "ab";
  lock.tool.build_scope.all = true;
  lock.tool.build_packages = {tool_package("setuptools", "75.0"), tool_package("setuptools", "60.0")};
  lock.tool.build_packages[0].requires_python = pep::SpecifierSet::parse(">=3.9").value();
  auto& a = lock.tool.builds.emplace_back();
  a.name = name("a");
  a.version = version("1.0");
  a.source.hash = "sha256:" + test::sha('b');
  a.requires_ = {"setuptools>=60", "helper[x]; python_version < \"3.9\""};
  a.environment = {
      {name("setuptools"), version("75.0"), pep::Marker::parse("python_version >= '3.9'").value(), {}},
      {name("setuptools"), version("60.0"), pep::Marker::parse("python_version < '3.9'").value(), {name("core")}}};
  auto& own = lock.tool.builds.emplace_back();
  own.name = name("mine");
  own.source.directory = ".";
  own.marker = pep::Marker::parse("python_version == '3.12'").value();
  return lock;
}

std::string table_of(const std::string& text) { return text.substr(text.find("lock-build-dependencies")); }

// [tool.pkg] with `body`, in a lock of nothing.
Result<lock::LockFile> parsed(const std::string& body) {
  return lock::parse_pylock(
      cat("lock-version = \"1.0\"\ncreated-by = \"pkg\"\npackages = []\n\n[tool.pkg]\nversion = 1\n", body),
      "pylock.toml");
}

constexpr const char* kTool = R"(build-packages = [
    { name = "tool", version = "1", wheels = [
        { url = "https://files.example/tool-1-py3-none-any.whl", hashes = { sha256 = "aa" } },
    ] },
]
)";

}  // namespace

TEST_CASE("what builds the sources is written with a line for each file, and read again") {
  const auto lock = example();
  const auto text = lock::write_pylock(lock);
  const auto digest = text.substr(text.rfind("digest = "));
  const auto a = test::sha('a'), b = test::sha('b');
  CHECK(table_of(text) ==
        cat(R"(lock-build-dependencies = true
builds = [
    { name = "a", version = "1.0", hash = "sha256:)",
            b, R"(", requires = ["setuptools>=60", "helper[x]; python_version < \"3.9\""], environment = [
        { name = "setuptools", version = "75.0", marker = "python_version >= '3.9'" },
        { name = "setuptools", version = "60.0", extras = ["core"], marker = "python_version < '3.9'" },
    ] },
    { name = "mine", directory = ".", marker = "python_version == '3.12'" },
]
build-packages = [
    { name = "setuptools", version = "75.0", requires-python = ">=3.9", index = "https://index.example/simple/", wheels = [
        { url = "https://files.example/setuptools-75.0-cp312-cp312-linux_x86_64.whl", hashes = { sha256 = ")",
            a, R"(" } },
        { url = "https://files.example/setuptools-75.0-py3-none-any.whl", hashes = { sha256 = ")",
            a, R"(" } },
    ] },
    { name = "setuptools", version = "60.0", index = "https://index.example/simple/", wheels = [
        { url = "https://files.example/setuptools-60.0-cp312-cp312-linux_x86_64.whl", hashes = { sha256 = ")",
            a, R"(" } },
        { url = "https://files.example/setuptools-60.0-py3-none-any.whl", hashes = { sha256 = ")",
            a, R"(" } },
    ] },
]
)",
            digest));
  const auto again = lock::parse_pylock(text, "pylock.toml");
  REQUIRE_OK(again);
  CHECK(*again == lock);
  CHECK(lock::write_pylock(*again) == text);
  CHECK(lock::quick_inputs_digest(text) == "ab");
  // The quick reader takes it too, but for the escaped quotes of a marker.
  CHECK(lock::quick_parse(replace_all(text, "\\\"", "'")));
}

TEST_CASE("a list of names is written as one, and nothing of a lock without builds") {
  auto lock = example();
  lock.tool.build_scope = {false, {name("a"), name("b-c")}};
  CHECK(lock::write_pylock(lock).find("lock-build-dependencies = [\"a\", \"b-c\"]\n") != std::string::npos);
  lock.tool.build_scope = {};
  lock.tool.builds.clear();
  lock.tool.build_packages.clear();
  CHECK(lock::write_pylock(lock).find("build") == std::string::npos);
}

TEST_CASE("what is wrong with builds is told with line and key") {
  const struct {
    std::string body, message;
  } cases[] = {
      {"lock-build-dependencies = \"yes\"\n",
       "pylock.toml:7: `tool.pkg.lock-build-dependencies` is a string, expected an array"},
      {"lock-build-dependencies = [\"-\"]\n",
       "pylock.toml:7: `tool.pkg.lock-build-dependencies` is wrong: `-` is not a valid name: expected letters, digits "
       "and `.-_`, with a letter "
       "or digit at both ends"},
      {"builds = 1\n", "pylock.toml:7: `tool.pkg.builds` is an integer, expected an array"},
      {"builds = [1]\n", "pylock.toml:7: `tool.pkg.builds` holds an integer, expected tables"},
      {"builds = [{ directory = \".\" }]\n", "pylock.toml:7: `tool.pkg.builds[0].name` is missing"},
      {"builds = [{ name = \"a\" }]\n",
       "pylock.toml:7: `tool.pkg.builds[0]` needs one of `hash`, `vcs` and `directory`"},
      {"builds = [{ name = \"a\", hash = \"sha256:1\", directory = \".\" }]\n",
       "pylock.toml:7: `tool.pkg.builds[0]` needs one of `hash`, `vcs` and `directory`"},
      {"builds = [{ name = \"a\", version = \"x\", directory = \".\" }]\n",
       "pylock.toml:7: `tool.pkg.builds[0].version` is wrong: `x` is not a version: expected numbers with dots, such "
       "as 1.2 or "
       "2.0rc1"},
      {"builds = [{ name = \"a\", directory = \".\", requires = [1] }]\n",
       "pylock.toml:7: `tool.pkg.builds[0].requires` holds an integer, expected strings"},
      {"builds = [{ name = \"a\", directory = \".\", environment = [{ name = \"tool\" }] }]\n",
       "pylock.toml:7: `tool.pkg.builds[0].environment[0]` is none of `build-packages`"},
      {cat(kTool,
           "builds = [{ name = \"a\", directory = \".\", environment = [{ name = \"tool\", version = \"2\" }] }]\n"),
       "pylock.toml:12: `tool.pkg.builds[0].environment[0]` is none of `build-packages`"},
      {"build-packages = [{ name = \"tool\", version = \"1\" }]\n",
       "pylock.toml:7: `tool.pkg.build-packages[0]` needs wheels, an sdist, or one of `vcs`, `directory` and "
       "`archive`"},
      {"build-packages = [{ name = \"tool\", version = \"1\", sdist = { url = \"https://x.example/tool-1.tar.gz\", "
       "hashes = {} "
       "} }]\n",
       "pylock.toml:7: `tool.pkg.build-packages[0].sdist.hashes` is empty, expected at least one hash"},
      {"build-packages = [{ name = \"tool\", version = \"1\", wheels = [{ url = "
       "\"https://x.example/other-1-py3-none-any.whl\", hashes = { sha256 = \"aa\" } }] }]\n",
       "pylock.toml:7: `tool.pkg.build-packages[0].wheels[0]` is `other-1-py3-none-any.whl`, a file of another project "
       "than `tool`"},
  };
  for (const auto& one : cases) {
    CAPTURE(one.body);
    const auto lock = parsed(one.body);
    REQUIRE(!lock.ok());
    CHECK(lock.error().message == one.message);
  }
  auto twice = example();
  twice.tool.build_packages.push_back(twice.tool.build_packages.front());
  const auto text = lock::write_pylock(twice);
  const auto read = lock::parse_pylock(text, "pylock.toml");
  REQUIRE(!read.ok());
  CHECK(read.error().message.ends_with("`tool.pkg.builds[0].environment[0]` is more than one of `build-packages`"));
}

TEST_CASE("what builds is compared by name like the packages of a lock") {
  auto before = example(), after = example();
  after.tool.build_packages[0].version = version("76.0");
  const auto changes = lock::build_difference(before, after);
  REQUIRE(changes.size() == 1);
  CHECK(changes[0].kind == lock::LockChange::Kind::upgraded);
  CHECK(changes[0].name.str() == "setuptools");
  CHECK(lock::difference(before, after).empty());
  before.tool.build_packages[0].wheels.clear();
  before.tool.build_packages[0].vcs = lock::LockedVcs{"git", "https://code.example/s.git", "", "main", "cafe", ""};
  CHECK(lock::commits_of(before, {}) ==
        std::map<std::string, std::string>{{"git+https://code.example/s.git@main", "cafe"}});
}

TEST_CASE("a source is known again by its hash, its commit or its place") {
  pep::DistFile file;
  file.kind = pep::DistKind::sdist;
  file.url = "https://files.example/a-1.tar.gz#subdirectory=sub";
  CHECK(!lock::build_source_of(file, "/work"));
  file.hashes = {{hash::Algorithm::md5, "cc"}};
  CHECK(!lock::build_source_of(file, "/work"));
  file.hashes = {{hash::Algorithm::sha512, "bb"}, {hash::Algorithm::sha256, "aa"}};
  CHECK(lock::build_source_of(file, "/work") == lock::BuildSource{"sha256:aa", "", "", "sub"});
  std::ranges::reverse(file.hashes);
  CHECK(lock::build_source_of(file, "/work")->hash == "sha256:aa");
  file.url = "git+https://user:secret@code.example/a.git@cafe#egg=a";
  CHECK(lock::build_source_of(file, "/work") == lock::BuildSource{"", "git+https://code.example/a.git@cafe", "", ""});
  file.url = "file:///work/libs/a";
  CHECK(lock::build_source_of(file, "/work") == lock::BuildSource{"", "", "libs/a", ""});
  file.url = "file:///work";
  CHECK(lock::build_source_of(file, "/work") == lock::BuildSource{"", "", ".", ""});
  file.kind = pep::DistKind::wheel;
  CHECK(!lock::build_source_of(file, "/work"));
}
