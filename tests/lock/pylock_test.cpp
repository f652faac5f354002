#include "lock/pylock.h"

#include <doctest/doctest.h>

#include "base/text.h"
#include "support/printers.h"

namespace {

using namespace pkg;

pep::Name name(const std::string& text) { return pep::Name::parse(text).value(); }
pep::Version version(const std::string& text) { return pep::Version::parse(text).value(); }
pep::Marker marker(const std::string& text) { return pep::Marker::parse(text).value(); }

lock::LockedFile file(const std::string& file_name, const std::string& url) {
  lock::LockedFile out;
  out.name = file_name;
  out.url = url;
  out.size_bytes = 12345;
  out.upload_time = 1714566600;
  out.hashes = {{"sha256", "abcd"}};
  return out;
}

lock::LockFile example() {
  lock::LockFile lock;
  lock.requires_python = pep::SpecifierSet::parse(">=3.10").value();
  lock.environments = {marker("sys_platform == 'linux'"), marker("sys_platform == 'win32'")};
  lock.extras = {name("fast")};
  lock.dependency_groups = {name("dev"), name("docs")};
  lock.default_groups = {name("dev")};
  lock::LockedPackage a;
  a.name = name("a");
  a.version = version("1.0");
  a.requires_python = pep::SpecifierSet::parse(">=3.8").value();
  a.extras = {name("x")};
  a.index = "https://index.example/simple/";
  a.dependencies = {{name("b"), version("1.0"), marker("python_version < '3.12'"), {}},
                    {name("b"), version("2.0"), {}, {}},
                    {name("c"), {}, {}, {name("e"), name("f")}}};
  a.sdist = file("a-1.0.tar.gz", "https://files.example/a-1.0.tar.gz");
  a.wheels = {file("a-1.0-cp312-cp312-linux_x86_64.whl", "https://files.example/a-1.0-cp312-cp312-linux_x86_64.whl"),
              file("a-1.0-py3-none-any.whl", "https://files.example/download?id=7")};
  lock::LockedPackage b1, b2, c, d;
  b1.name = b2.name = name("b");
  b2.version = version("2.0");
  b2.marker = marker("python_full_version >= '3.12' or 'fast' in extras");
  b2.vcs = lock::LockedVcs{"git", "https://code.example/b.git", "", "main", "cafe", "python"};
  b1.version = version("1.0");
  b1.marker = marker("python_full_version < '3.12' and 'fast' not in extras");
  b1.archive = lock::LockedArchive{file("b.zip", "https://files.example/b.zip"), "sub"};
  c.name = name("c");
  c.directory = lock::LockedDirectory{"./libs/c", "", true};
  d.name = name("d");
  d.version = version("3.0+local.1");
  d.wheels = {file("d-3.0+local.1-py3-none-any.whl", "")};
  d.wheels[0].path = "dist/d-3.0+local.1-py3-none-any.whl";
  d.wheels[0].upload_time.reset();
  d.wheels[0].size_bytes.reset();
  lock.packages = {a, b2, b1, c, d};
  lock.tool.version = lock::kLockToolVersion;
  lock.tool.inputs_digest = "sha256:1234";
  lock.tool.options = {{"exclude-newer", "2026-01-01T00:00:00Z"}, {"resolution", "lowest"}};
  lock.tool.requirements = {"a[x]", "b ; python_version < '3.12'"};
  return lock;
}

constexpr std::string_view kExample = R"toml(lock-version = "1.0"
environments = [
    "sys_platform == 'linux'",
    "sys_platform == 'win32'",
]
requires-python = ">=3.10"
extras = ["fast"]
dependency-groups = ["dev", "docs"]
default-groups = ["dev"]
created-by = "pkg"

[[packages]]
name = "a"
version = "1.0"
requires-python = ">=3.8"
dependencies = [
    { name = "b", version = "1.0" },
    { name = "b", version = "2.0" },
    { name = "c" },
]
index = "https://index.example/simple/"
sdist = { upload-time = 2024-05-01T12:30:00Z, url = "https://files.example/a-1.0.tar.gz", size = 12345, hashes = { sha256 = "abcd" } }
wheels = [
    { upload-time = 2024-05-01T12:30:00Z, url = "https://files.example/a-1.0-cp312-cp312-linux_x86_64.whl", size = 12345, hashes = { sha256 = "abcd" } },
    { name = "a-1.0-py3-none-any.whl", upload-time = 2024-05-01T12:30:00Z, url = "https://files.example/download?id=7", size = 12345, hashes = { sha256 = "abcd" } },
]

[packages.tool.pkg]
extras = ["x"]
dependencies = [
    { name = "b", version = "1.0", marker = "python_version < '3.12'" },
    { name = "c", extras = ["e", "f"] },
]

[[packages]]
name = "b"
version = "2.0"
marker = "python_full_version >= '3.12' or 'fast' in extras"
vcs = { type = "git", url = "https://code.example/b.git", requested-revision = "main", commit-id = "cafe", subdirectory = "python" }

[[packages]]
name = "b"
version = "1.0"
marker = "python_full_version < '3.12' and 'fast' not in extras"
archive = { url = "https://files.example/b.zip", upload-time = 2024-05-01T12:30:00Z, size = 12345, hashes = { sha256 = "abcd" }, subdirectory = "sub" }

[[packages]]
name = "c"
directory = { path = "./libs/c", editable = true }

[[packages]]
name = "d"
version = "3.0+local.1"
wheels = [
    { path = "dist/d-3.0+local.1-py3-none-any.whl", hashes = { sha256 = "abcd" } },
]

[tool.pkg]
version = 1
inputs-digest = "sha256:1234"
options = { exclude-newer = "2026-01-01T00:00:00Z", resolution = "lowest" }
requirements = [
    "a[x]",
    "b ; python_version < '3.12'",
]
)toml";

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  return replace_all(text, from, to);
}

Error error_of(const std::string& text) {
  const auto lock = lock::parse_pylock(text, "pylock.toml");
  REQUIRE(!lock.ok());
  return lock.error();
}

}  // namespace

TEST_CASE("a lock is written in the order of the standard, and its digest comes last") {
  const std::string text = lock::write_pylock(example());
  const auto digest = text.find("digest = \"sha256:", kExample.size());
  CHECK(text.substr(0, kExample.size()) == kExample);
  CHECK(digest == kExample.size());
  CHECK(text.size() == kExample.size() + std::string_view("digest = \"sha256:\"\n").size() + 64);
}

TEST_CASE("what was written is read again, every key") {
  const auto again = lock::parse_pylock(lock::write_pylock(example()), "pylock.toml");
  REQUIRE_OK(again);
  CHECK(*again == example());
  lock::LockFile empty;
  CHECK(lock::parse_pylock(lock::write_pylock(empty), "pylock.toml").value() == empty);
  empty.no_environments = true;
  CHECK(lock::parse_pylock(lock::write_pylock(empty), "pylock.toml").value() == empty);
}

TEST_CASE("a lock of another tool has no tool table, and none is written") {
  lock::LockFile lock = example();
  lock.tool = {};
  for (auto& package : lock.packages) {
    package.extras.clear();
    std::erase_if(package.dependencies, [](const auto& dependency) { return !dependency.marker.is_trivial(); });
    for (auto& dependency : package.dependencies) dependency.extras.clear();
  }
  const std::string text = lock::write_pylock(lock);
  CHECK(text.find("tool") == std::string::npos);
  CHECK(lock::parse_pylock(text, "pylock.toml").value() == lock);
}

TEST_CASE("several requirements on one package are kept apart by their markers") {
  lock::LockFile lock = example();
  lock.packages[0].dependencies = {{name("b"), version("1.0"), {}, {}},
                                   {name("b"), version("1.0"), marker("python_version < '3.11'"), {name("e")}},
                                   {name("c"), {}, {}, {}}};
  CHECK(lock::parse_pylock(lock::write_pylock(lock), "pylock.toml").value() == lock);
}

TEST_CASE("the Pythons of groups are part of a lock, and what is none of them is refused") {
  lock::LockFile lock = example();
  lock.tool.group_pythons = {{name("dev"), pep::SpecifierSet::parse(">=3.12").value()},
                             {name("docs"), pep::SpecifierSet::parse("<3.14,>=3.11").value()}};
  const auto text = lock::write_pylock(lock);
  constexpr std::string_view kLine = "group-requires-python = { dev = \">=3.12\", docs = \"<3.14,>=3.11\" }\n";
  CHECK(text.find(kLine) != std::string::npos);
  const auto again = lock::parse_pylock(text, "pylock.toml");
  REQUIRE_OK(again);
  CHECK(*again == lock);
  for (const auto* odd : {"group-requires-python = { dev = 3 }\n", "group-requires-python = { dev = \"new\" }\n",
                          "group-requires-python = \">=3\"\n"}) {
    const auto refused = lock::parse_pylock(replaced(text, kLine, odd), "pylock.toml");
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().message.find("tool.pkg.group-requires-python") != std::string::npos);
  }
}

TEST_CASE("sets that exclude each other are part of a lock, whoever installs from it") {
  lock::LockFile lock = example();
  lock.tool.conflicts = {{{false, name("cpu")}, {true, name("gpu")}}, {{true, name("a")}, {true, name("b")}}};
  const auto text = lock::write_pylock(lock);
  CHECK(text.find("conflicts = [\n    [{ extra = \"cpu\" }, { group = \"gpu\" }],\n    [{ group = \"a\" }, { group = "
                  "\"b\" }],\n]\n") != std::string::npos);
  const auto again = lock::parse_pylock(text, "pylock.toml");
  REQUIRE_OK(again);
  CHECK(*again == lock);
  const auto odd = lock::parse_pylock(replaced(text, "{ group = \"gpu\" }", "{ package = \"gpu\" }"), "pylock.toml");
  REQUIRE_FALSE(odd.ok());
  CHECK(odd.error().message.find("names neither an extra nor a group") != std::string::npos);
}

TEST_CASE("a mirror-neutral lock names files without addresses, in a form that the standard takes") {
  lock::LockFile lock = example();
  lock.tool.mirror_neutral = true;
  lock::LockedPackage& a = lock.packages[0];
  a.index.clear();
  a.sdist->url.clear();
  for (auto& wheel : a.wheels) wheel.url.clear();
  const std::string text = lock::write_pylock(lock);
  CHECK(text.find("{ upload-time = 2024-05-01T12:30:00Z, path = \"a-1.0-py3-none-any.whl\", size") !=
        std::string::npos);
  const auto again = lock::parse_pylock(text, "pylock.toml");
  REQUIRE_OK(again);
  CHECK(*again == lock);
  CHECK(again->packages[0].wheels[0].path.empty());
  CHECK(again->packages[4].wheels[0].path == "dist/d-3.0+local.1-py3-none-any.whl");
}

TEST_CASE("a file keeps its name where its address ends with it in a query or a fragment only") {
  for (const auto* url : {"https://files.example/a#b/a-1.0.tar.gz", "https://files.example/get?file=/a-1.0.tar.gz"}) {
    CAPTURE(url);
    lock::LockFile lock;
    auto& package = lock.packages.emplace_back();
    package.name = name("a");
    package.version = version("1.0");
    package.sdist = file("a-1.0.tar.gz", url);
    const auto again = lock::parse_pylock(lock::write_pylock(lock), "pylock.toml");
    REQUIRE_OK(again);
    CHECK(*again == lock);
  }
}

TEST_CASE("the inputs' digest is found without parsing, while the text is as it was written") {
  const std::string text = lock::write_pylock(example());
  CHECK(lock::quick_inputs_digest(text) == "sha256:1234");
  CHECK(lock::quick_inputs_digest(replaced(text, "\n", "\r\n")) == "sha256:1234");
  CHECK(lock::quick_inputs_digest(replaced(text, "12345", "12346")).empty());
  CHECK(lock::quick_inputs_digest(text + "\n").empty());
  CHECK(lock::quick_inputs_digest(text.substr(1)).empty());
  CHECK(lock::quick_inputs_digest("").empty());
  CHECK(lock::quick_inputs_digest("\r\r\n").empty());
  lock::LockFile without = example();
  without.tool.inputs_digest.clear();
  CHECK(lock::quick_inputs_digest(lock::write_pylock(without)).empty());
  // Written by hand into another place.
  without.created_by = "\ninputs-digest = \"x\"";
  CHECK(lock::quick_inputs_digest(lock::write_pylock(without)).empty());
}

TEST_CASE("errors name file, line and key") {
  const std::string text(kExample);
  CHECK(error_of(replaced(text, "name = \"c\"\ndirectory", "name = \"C\"\ndirectory")).message ==
        "pylock.toml:48: `packages[3].name` is `C`, expected the normal form `c`");
  CHECK(error_of(replaced(text, "12345", "\"big\"")).message ==
        "pylock.toml:22: `packages[0].sdist.size` is a string, expected an integer");
  CHECK(error_of(replaced(text, "path = \"./libs/c\", ", "")).message ==
        "pylock.toml:49: `packages[3].directory.path` is missing");
  CHECK(error_of(replaced(text, "version = \"1.0\"\nrequires", "version = \"1.1\"\nrequires")).message ==
        "pylock.toml:22: `packages[0].sdist` is `a-1.0.tar.gz`, a file of another version than 1.1");
  CHECK(error_of(replaced(text, "\"a-1.0-py3", "\"x-1.0-py3")).message ==
        "pylock.toml:25: `packages[0].wheels[1]` is `x-1.0-py3-none-any.whl`, a file of another project than `a`");
  CHECK(error_of(replaced(text, "'fast' in extras", "fast in extras"))
            .message.starts_with("pylock.toml:38: `packages[1].marker` is wrong: "));
  CHECK(error_of(replaced(text, "directory = {", "fodder = {")).message ==
        "pylock.toml:47: `packages[3]` needs wheels, an sdist, or one of `vcs`, `directory` and `archive`");
  CHECK(error_of("lock-version = \"2.0\"").message ==
        "pylock.toml:1: `lock-version` is `2.0`, and this program reads 1.x only");
  CHECK(error_of("lock-version = \"2.0\"").kind == ErrorKind::unsupported);
  CHECK(error_of("lock-version = \"1.0\"\ncreated-by = \"x\"\n").message == "pylock.toml:1: `packages` is missing");
  CHECK(error_of(replaced(text, "extras = [\"e\"", "extras = [\"-\""))
            .message.starts_with("pylock.toml:32: `packages[0].tool.pkg.dependencies[1].extras` is wrong: "));
}

TEST_CASE("of a tool table of a newer form only the version is read") {
  const auto lock =
      lock::parse_pylock(replaced(std::string(kExample), "version = 1\n", "version = 2\n"), "pylock.toml");
  REQUIRE_OK(lock);
  CHECK(lock->tool == lock::LockTool{.version = 2});
  CHECK(lock->packages[0].extras.empty());
}

TEST_CASE("lock files as pip writes them") {
  const auto lock = lock::parse_pylock(R"toml(lock-version = "1.0"
created-by = "pip"

[[packages]]
name = "attrs"
version = "25.1.0"

[[packages.wheels]]
name = "attrs-25.1.0-py3-none-any.whl"
url = "https://files.example/packages/fc/30/attrs-25.1.0-py3-none-any.whl"

[packages.wheels.hashes]
sha256 = "C75A69E2"

[[packages]]
name = "local"

[packages.directory]
path = "."
)toml",
                                       "pylock.toml");
  REQUIRE_OK(lock);
  CHECK(lock->tool.version == 0);
  CHECK(lock->packages[0].wheels[0].hashes == lock::Hashes{{"sha256", "c75a69e2"}});
  CHECK(lock->packages[1].directory == lock::LockedDirectory{".", "", false});
  CHECK(lock::parse_pylock(lock::write_pylock(*lock), "pylock.toml").value() == *lock);
}

TEST_CASE("lock files as uv writes them") {
  const auto lock = lock::parse_pylock(
      R"toml(# This file was autogenerated
lock-version = "1.0"
created-by = "uv"
requires-python = ">=3.12"

[[packages]]
name = "anyio"
version = "4.3.0"
marker = "python_full_version >= '3.12' and 'async' in extras"
index = "https://index.example/simple"
sdist = { url = "https://files.example/anyio-4.3.0.tar.gz", upload-time = 2024-02-19T08:36:28Z, size = 159642, hashes = { sha256 = "f752" } }
wheels = [{ url = "https://files.example/anyio-4.3.0-py3-none-any.whl", upload-time = 2024-02-19T08:36:26Z, size = 85584, hashes = { sha256 = "048e" } }]

[[packages]]
name = "root"
version = "0.0.1"
archive = { url = "https://files.example/x/subdirectory-test.tar.gz#subdirectory=packages/root", subdirectory = "packages/root", hashes = { sha256 = "24b5" } }
)toml",
      "pylock.toml");
  REQUIRE_OK(lock);
  CHECK(lock->packages[0].sdist->name == "anyio-4.3.0.tar.gz");
  CHECK(lock->packages[0].sdist->upload_time == 1708331788);
  CHECK(lock->packages[1].archive->subdirectory == "packages/root");
  CHECK(lock->packages[1].archive->file.name == "subdirectory-test.tar.gz");
  CHECK(lock::parse_pylock(lock::write_pylock(*lock), "pylock.toml").value() == *lock);
}

TEST_CASE("lock files as pdm writes them") {
  const auto lock = lock::parse_pylock(
      R"toml(# This file is @generated by PDM.
lock-version = "1.0"
requires-python = ">=3.9"
environments = [
    "python_version >= \"3.9\"",
]
extras = ["all"]
dependency-groups = ["default", "test"]
default-groups = ["default"]
created-by = "pdm"

[[packages]]
name = "colorama"
version = "0.4.6"
requires-python = "!=3.0.*,!=3.1.*,>=2.7"
sdist = {name = "colorama-0.4.6.tar.gz", url = "https://files.example/colorama-0.4.6.tar.gz", hashes = {sha256 = "0869"}}
wheels = [
    {name = "colorama-0.4.6-py2.py3-none-any.whl",url = "https://files.example/colorama-0.4.6-py2.py3-none-any.whl",hashes = {sha256 = "4f1d"}},
]
marker = "sys_platform == \"win32\" and \"default\" in dependency_groups or \"test\" in dependency_groups"

[packages.tool.pdm]
dependencies = []

[tool.pdm]
hashes = {sha256 = "3d8f"}
strategy = ["inherit_metadata", "static_urls"]

[[tool.pdm.targets]]
requires_python = "~=3.9"
)toml",
      "pylock.toml");
  REQUIRE_OK(lock);
  CHECK(lock->packages[0].wheels[0].name == "colorama-0.4.6-py2.py3-none-any.whl");
  CHECK(lock->packages[0].marker.to_string() ==
        R"(sys_platform == "win32" and "default" in dependency_groups or "test" in dependency_groups)");
  CHECK(lock::parse_pylock(lock::write_pylock(*lock), "pylock.toml").value() == *lock);
}
