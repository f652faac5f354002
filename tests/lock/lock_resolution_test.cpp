#include "lock/lock_resolution.h"

#include <doctest/doctest.h>

#include "base/text.h"
#include "lock/pylock.h"
#include "support/printers.h"

namespace {

using namespace pkg;

pep::Name name(const std::string& text) { return pep::Name::parse(text).value(); }
pep::Version version(const std::string& text) { return pep::Version::parse(text).value(); }
pep::SpecifierSet specifiers(const std::string& text) { return pep::SpecifierSet::parse(text).value(); }

pep::DistFile file(const std::string& url, pep::DistKind kind = pep::DistKind::wheel) {
  pep::DistFile out;
  out.kind = kind;
  out.url = url;
  out.file_name = url.substr(url.rfind('/') + 1);
  out.hashes = {{hash::Algorithm::sha512, "bb"}, {hash::Algorithm::sha256, "aa"}};
  out.size_bytes = 5;
  out.index = "main";
  return out;
}

resolver::Pin pin(const std::string& project, const std::string& number, std::vector<pep::DistFile> files) {
  resolver::Pin out;
  out.name = name(project);
  out.version = version(number);
  out.files = std::move(files);
  return out;
}

resolver::Edge edge(int parent, const std::string& requirement) {
  return {parent, pep::Requirement::parse(requirement).value()};
}

lock::LockHeader header() {
  lock::LockHeader out;
  out.requires_python = specifiers(">=3.10");
  out.index_urls = {{"main", "https://index.example/simple/"}};
  out.tool.inputs_digest = "sha256:00";
  return out;
}

resolver::Resolution example() {
  resolver::Resolution out;
  out.pins = {
      pin("a", "1",
          {file("https://files.example/a-1-py3-none-any.whl"), file("https://files.example/a-1-cp310-none-any.whl"),
           file("https://files.example/a-1.zip", pep::DistKind::sdist),
           file("https://files.example/a-1.tar.gz", pep::DistKind::sdist)}),
      pin("b", "2", {file("https://files.example/b-2-py3-none-any.whl")}),
      pin("b", "1", {file("https://files.example/b-1.tar.gz", pep::DistKind::sdist)}),
      pin("c", "3", {file("file:///work/project/dist/c-3-py3-none-any.whl")})};
  out.pins[0].extras = {name("x")};
  out.pins[1].marker = pep::Marker::parse("python_full_version >= '3.12'").value();
  out.pins[2].marker = pep::Marker::parse("python_full_version < '3.12'").value();
  out.pins[0].required_by = {edge(-1, "a[x]")};
  out.pins[1].required_by = {edge(0, "b"), edge(0, "b ; extra == 'x'"), edge(1, "b[all]")};
  out.pins[2].required_by = {edge(0, "b")};
  out.pins[3].required_by = {edge(0, "c[e]>=3 ; extra == 'x'")};
  return out;
}

std::string told(const std::vector<lock::LockChange>& changes) {
  constexpr const char* kKinds[] = {"added", "removed", "upgraded", "downgraded", "changed"};
  std::string out;
  for (const auto& change : changes) {
    append(out, out.empty() ? "" : "; ", kKinds[static_cast<int>(change.kind)], ' ', change.name.str());
    for (const auto& one : change.before) append(out, ' ', one.to_string());
    out += " ->";
    for (const auto& one : change.after) append(out, ' ', one.to_string());
  }
  return out;
}

lock::LockFile lock_with(const std::vector<std::pair<std::string, std::string>>& versions) {
  lock::LockFile out;
  for (const auto& [project, number] : versions) {
    auto& package = out.packages.emplace_back();
    package.name = name(project);
    package.version = version(number);
  }
  return out;
}

}  // namespace

TEST_CASE("a resolution becomes a lock: files by name, one sdist, dependencies with versions where there are several") {
  const auto lock = lock::lock_of(example(), header(), "/work/project");
  CHECK(lock::write_pylock(lock).starts_with(R"toml(lock-version = "1.0"
requires-python = ">=3.10"
created-by = "pkg"

[[packages]]
name = "a"
version = "1"
dependencies = [
    { name = "b", version = "1" },
    { name = "b", version = "2" },
    { name = "c" },
]
index = "https://index.example/simple/"
sdist = { url = "https://files.example/a-1.tar.gz", size = 5, hashes = { sha256 = "aa", sha512 = "bb" } }
wheels = [
    { url = "https://files.example/a-1-cp310-none-any.whl", size = 5, hashes = { sha256 = "aa", sha512 = "bb" } },
    { url = "https://files.example/a-1-py3-none-any.whl", size = 5, hashes = { sha256 = "aa", sha512 = "bb" } },
]

[packages.tool.pkg]
extras = ["x"]
dependencies = [
    { name = "b", version = "2" },
    { name = "b", version = "2", marker = "extra == 'x'" },
    { name = "c", extras = ["e"], marker = "extra == 'x'" },
]
)toml"));
  CHECK(lock.packages[3].wheels[0].path == "dist/c-3-py3-none-any.whl");
  CHECK(lock.packages[3].wheels[0].url.empty());
  CHECK(lock.tool.version == lock::kLockToolVersion);
  CHECK(lock::parse_pylock(lock::write_pylock(lock), "pylock.toml").value() == lock);
}

TEST_CASE("the same resolution in another order of its edges gives the same bytes") {
  auto other = example();
  std::reverse(other.pins[1].required_by.begin(), other.pins[1].required_by.end());
  std::reverse(other.pins[0].files.begin(), other.pins[0].files.end());
  CHECK(lock::write_pylock(lock::lock_of(other, header(), "/work/project")) ==
        lock::write_pylock(lock::lock_of(example(), header(), "/work/project")));
}

TEST_CASE("a direct URL becomes an archive, below the lock's folder by its path") {
  resolver::Resolution resolution;
  resolution.pins = {pin("a", "1", {file("https://files.example/a.zip")}),
                     pin("b", "1", {file("file:///work/project/b-1-py3-none-any.whl")}),
                     pin("c", "1", {file("file:///work/other/c-1-py3-none-any.whl")})};
  for (auto& one : resolution.pins) one.direct = true;
  resolution.pins[0].files[0].url += "#sha256=" + std::string(64, 'a') + "&subdirectory=py%20thon";
  auto neutral = header();
  neutral.tool.mirror_neutral = true;
  for (const auto& head : {header(), neutral}) {
    const auto lock = lock::lock_of(resolution, head, "/work/project/");
    CHECK(lock.packages[0].archive->file.url == "https://files.example/a.zip");
    CHECK(lock.packages[0].archive->subdirectory == "py thon");
    CHECK(lock.packages[1].archive->file.path == "b-1-py3-none-any.whl");
    CHECK(lock.packages[1].archive->file.url.empty());
    CHECK(lock.packages[2].archive->file.path == "../other/c-1-py3-none-any.whl");
    CHECK(lock::parse_pylock(lock::write_pylock(lock), "pylock.toml").value() == lock);
  }
}

TEST_CASE("credentials do not get into a lock") {
  auto resolution = example();
  resolution.pins[1].files[0].url = "https://user:secret@files.example/b-2-py3-none-any.whl";
  auto head = header();
  head.index_urls = {{"main", "https://token@index.example/simple/"}};
  const auto text = lock::write_pylock(lock::lock_of(resolution, head, "/work"));
  CHECK(text.find("secret") == std::string::npos);
  CHECK(text.find("token") == std::string::npos);
  CHECK(text.find("\"https://files.example/b-2-py3-none-any.whl\"") != std::string::npos);
  CHECK(text.find("index = \"https://index.example/simple/\"") != std::string::npos);
}

TEST_CASE("a mirror-neutral lock has neither URLs nor indexes, but keeps paths") {
  auto head = header();
  head.tool.mirror_neutral = true;
  const auto lock = lock::lock_of(example(), head, "/work/project/dist");
  CHECK(lock::write_pylock(lock).find("example") == std::string::npos);
  CHECK(lock.packages[3].wheels[0].path == "./c-3-py3-none-any.whl");
  CHECK(lock::parse_pylock(lock::write_pylock(lock), "pylock.toml").value() == lock);
}

TEST_CASE("Requires-Python is written when no Python of the lock breaks an upper bound") {
  const auto written = [](const std::string& wanted, std::optional<pep::SpecifierSet> python) {
    resolver::Resolution resolution;
    resolution.pins = {pin("a", "1", {file("https://files.example/a-1-py3-none-any.whl")})};
    resolution.pins[0].files[0].requires_python = wanted;
    auto head = header();
    head.requires_python = std::move(python);
    const auto lock = lock::lock_of(resolution, head, "/work");
    return lock.packages[0].requires_python ? lock.packages[0].requires_python->to_string() : "-";
  };
  CHECK(written(">=3.8", specifiers(">=3.10")) == ">=3.8");
  CHECK(written(">=3.11", specifiers(">=3.10")) == ">=3.11");  // the marker says so too
  CHECK(written(">=3.8,<4", specifiers(">=3.10")) == "-");
  CHECK(written(">=3.8,<4", specifiers(">=3.10,<3.14")) == "<4,>=3.8");
  CHECK(written("!=3.0.*,>=2.7", specifiers(">=3.10")) == "!=3.0.*,>=2.7");
  CHECK(written("<4", std::nullopt) == "-");
  CHECK(written("", specifiers(">=3.10")) == "-");
}

TEST_CASE("files without a hash are left out where others have one, and refused where none has") {
  auto resolution = example();
  resolution.pins[0].files[1].hashes.clear();
  CHECK(lock::lock_of(resolution, header(), "/work").packages[0].wheels.size() == 1);
  CHECK(lock::check_hashes(lock::lock_of(resolution, header(), "/work")).ok());
  resolution.pins[2].files[0].hashes.clear();
  const auto status = lock::check_hashes(lock::lock_of(resolution, header(), "/work"));
  REQUIRE(!status.ok());
  CHECK(status.error().message == "no hash is known of `b-1.tar.gz`, and a lock file needs one");
}

TEST_CASE("preferences are the pins with their markers") {
  const auto preferences = lock::preferences_of(lock::lock_of(example(), header(), "/work"));
  REQUIRE(preferences.size() == 4);
  CHECK(preferences[2].name == name("b"));
  CHECK(preferences[2].version == version("1"));
  CHECK(preferences[2].marker.to_string() == "python_full_version < \"3.12\"");
}

TEST_CASE("the difference of two locks tells each project once") {
  const auto before = lock_with({{"a", "1"}, {"b", "2"}, {"c", "2"}, {"c", "1"}, {"d", "1"}, {"e", "3"}});
  auto after = lock_with({{"a", "2"}, {"b", "1"}, {"c", "2"}, {"e", "3"}, {"f", "1"}});
  CHECK(told(lock::difference(before, after)) ==
        "upgraded a 1 -> 2; downgraded b 2 -> 1; upgraded c 2 1 -> 2; removed d 1 ->; added f -> 1");
  CHECK(told(lock::difference(before, before)).empty());
  after = before;
  after.packages[0].marker = pep::Marker::parse("os_name == 'nt'").value();
  CHECK(told(lock::difference(before, after)) == "changed a 1 -> 1");
}
