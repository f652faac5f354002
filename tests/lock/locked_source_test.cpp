#include "lock/locked_source.h"

#include <doctest/doctest.h>

#include "lock/lock_resolution.h"
#include "support/printers.h"

namespace lock = pkg::lock;
using pkg::pep::Requirement;

namespace {

lock::LockedPackage locked(const std::string& url, bool editable = false) {
  pkg::pep::DistFile file;
  file.kind = pkg::pep::DistKind::sdist;
  file.project = pkg::pep::Name::from_normalized("a");
  file.url = url;
  file.editable = editable;
  file.requested_revision = "main";
  lock::LockedPackage package;
  package.name = file.project;
  package.version = pkg::pep::Version::try_parse("1.0");
  lock::add_source(file, "/work/project", package);
  return package;
}

}  // namespace

TEST_CASE("folders are locked by their path from the lock, without a version") {
  const std::vector<std::pair<std::string, lock::LockedDirectory>> rows{
      {"file:///work/project/libs/a", {"libs/a", "", false}},
      {"file:///work/a", {"../a", "", false}},
      {"file:///work/project", {".", "", false}},
      {"file:///opt/a", {"/opt/a", "", false}},
      {"file:///work/my%20a#subdirectory=b/c", {"../my a", "b/c", false}},
  };
  for (const auto& [url, directory] : rows) {
    CAPTURE(url);
    const auto package = locked(url);
    CHECK(package.directory == directory);
    CHECK(!package.version);
  }
  CHECK(locked("file:///work/project/libs/a", true).directory->editable);
}

TEST_CASE("revisions are locked by their commit, archives by address and hash") {
  const auto git = locked("git+https://me:secret@git.example/a.git@abc123#subdirectory=py");
  CHECK(git.vcs == lock::LockedVcs{"git", "https://git.example/a.git", "", "main", "abc123", "py"});
  CHECK(git.version);
  CHECK(locked("git+ssh://git@git.example/a.git@abc").vcs->url == "ssh://git@git.example/a.git");
  const auto archive = locked("file:///work/project/dist/a-1.tar.gz#subdirectory=py");
  CHECK(archive.archive->file.path == "dist/a-1.tar.gz");
  CHECK(archive.archive->subdirectory == "py");
  CHECK(locked("file:///work/dist/a-1.tar.gz").archive->file.path == "../dist/a-1.tar.gz");
  CHECK(locked("https://me:secret@files.example/a-1.zip").archive->file.url == "https://files.example/a-1.zip");
}

TEST_CASE("requirements in a lock are the same wherever the project lies") {
  const std::vector<std::pair<std::string, std::string>> rows{
      {"a[x]>=1; sys_platform == \"linux\"", "a[x]>=1; sys_platform == \"linux\""},
      {"a @ file:///work/project/libs/a", "a @ ./libs/a"},
      {"a @ file:///work/a#subdirectory=b ; os_name == \"nt\"", "a @ ../a#subdirectory=b ; os_name == \"nt\""},
      {"a @ file:///opt/a", "a @ file:///opt/a"},
      {"a @ git+https://git.example/a.git@main", "a @ git+https://git.example/a.git@main"},
  };
  for (const auto& [stated, text] : rows) {
    CAPTURE(stated);
    const auto requirement = Requirement::parse(stated);
    REQUIRE_OK(requirement);
    CHECK(lock::requirement_text(*requirement, "/work/project") == text);
    const auto again = lock::requirement_of(text, "/work/project");
    REQUIRE_OK(again);
    CHECK(again->to_string() == requirement->to_string());
  }
  const auto secret = Requirement::parse("a @ git+https://me:secret@git.example/a.git");
  CHECK(lock::requirement_text(*secret, "/work") == "a @ git+https://git.example/a.git");
}

TEST_CASE("the commits of a lock are found by what was asked for") {
  lock::LockFile file;
  file.packages.push_back(locked("git+https://git.example/a.git@abc123#subdirectory=py"));
  using Commits = std::map<std::string, std::string>;
  CHECK(lock::commits_of(file, {}) == Commits{{"git+https://git.example/a.git@main#subdirectory=py", "abc123"}});
  CHECK(lock::commits_of(file, {pkg::pep::Name::from_normalized("a")}).empty());
}
