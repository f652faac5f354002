#include "ops/lock/lock_told.h"

#include <doctest/doctest.h>

#include "base/hash.h"
#include "base/text.h"
#include "ops/lock/lock_place.h"
#include "ops/project/project.h"
#include "support/printers.h"

namespace {

using Place = pkg::test::LockPlace;
using pkg::test::kLockedProject;

}  // namespace

TEST_CASE("what changed since a lock was made is told line by line") {
  Place place;
  place.write("pyproject.toml", kLockedProject);
  const auto subject = place.read();
  const auto requirements = pkg::ops::requirements_of(subject.project);
  REQUIRE_OK(requirements);
  pkg::ops::Session session(place.settings, place.folder.path(), place.reporter, place.cancel);
  const auto header = pkg::ops::lock_header(subject, *requirements, requirements->requires_python, session);
  CHECK(header.index_urls == std::vector<std::pair<std::string, std::string>>{
                                 {"https://index.example/simple/", "https://index.example/simple/"}});
  pkg::lock::LockFile lock;
  lock.requires_python = header.requires_python;
  lock.extras = header.extras;
  lock.dependency_groups = header.dependency_groups;
  lock.default_groups = header.default_groups;
  lock.tool = header.tool;
  CHECK(pkg::ops::differences(lock, subject, *requirements).empty());

  place.write("pyproject.toml",
              pkg::replace_all(pkg::replace_all(kLockedProject, "\"rich\"", "\"six\""), ">=3.10", ">=3.12"));
  place.options.strict_requires_python = true;
  const auto now = place.read();
  const auto asked = pkg::ops::requirements_of(now.project);
  REQUIRE_OK(asked);
  CHECK(pkg::ops::differences(lock, now, *asked) ==
        std::vector<std::string>{"`six` is asked for now", "`rich` is not asked for any more",
                                 "requires-python was `>=3.10`, and is `>=3.12` now",
                                 "--strict-requires-python is `true` now"});
  lock.tool = {};
  CHECK(pkg::ops::differences(lock, now, *asked) == std::vector<std::string>{"it was not written by pkg"});
}

TEST_CASE("a setting that differs is named, before and now, and without its secrets") {
  Place place;
  const auto lines = [&](const std::string& before, const std::string& now) {
    place.write("pyproject.toml", std::string(kLockedProject) + before);
    const auto old = place.read();
    const auto requirements = pkg::ops::requirements_of(old.project);
    REQUIRE_OK(requirements);
    pkg::ops::Session session(place.settings, place.folder.path(), place.reporter, place.cancel);
    auto header = pkg::ops::lock_header(old, *requirements, requirements->requires_python, session);
    pkg::lock::LockFile lock;
    lock.requires_python = header.requires_python;
    lock.extras = header.extras;
    lock.dependency_groups = header.dependency_groups;
    lock.default_groups = header.default_groups;
    lock.tool = header.tool;
    place.write("pyproject.toml", std::string(kLockedProject) + now);
    const auto subject = place.read();
    const auto asked = pkg::ops::requirements_of(subject.project);
    REQUIRE_OK(asked);
    return pkg::ops::differences(lock, subject, *asked);
  };
  CHECK(
      lines("[tool.pkg]\noverride-dependencies = [\"six<2\"]\n", "[tool.pkg]\noverride-dependencies = [\"six<3\"]\n") ==
      std::vector<std::string>{"tool.pkg.override-dependencies was `['six<2']`, and is `['six<3']` now"});
  const auto told =
      lines("", "[[tool.pkg.index]]\nname = \"corp\"\nurl = \"https://me:secret@corp.example/simple/\"\n");
  REQUIRE(told.size() == 1);
  CHECK(told[0].find("corp.example") != std::string::npos);
  CHECK(told[0].find("secret") == std::string::npos);
  CHECK(lines("[tool.pkg]\nlink-mode = \"copy\"\n", "").empty());
}

TEST_CASE("an index that is none any more, and a wheel that was made again, are named") {
  Place place;
  place.write("pyproject.toml", kLockedProject);
  const auto subject = place.read();
  const auto requirements = pkg::ops::requirements_of(subject.project);
  REQUIRE_OK(requirements);
  pkg::ops::Session session(place.settings, place.folder.path(), place.reporter, place.cancel);
  const auto header = pkg::ops::lock_header(subject, *requirements, requirements->requires_python, session);
  pkg::lock::LockFile lock;
  lock.requires_python = header.requires_python;
  lock.extras = header.extras;
  lock.dependency_groups = header.dependency_groups;
  lock.default_groups = header.default_groups;
  lock.tool = header.tool;
  lock.packages.resize(2);
  lock.packages[0].index = "https://old.example/simple/";
  lock.packages[1].archive = pkg::lock::LockedArchive{};
  lock.packages[1].archive->file.path = "x.whl";
  lock.packages[1].archive->file.hashes = {{"sha256", pkg::hash::to_hex(pkg::hash::sha256("one"))}};
  place.write("x.whl", "one");
  const std::string index =
      "packages come from the index `https://old.example/simple/`, and the indexes are now "
      "`https://index.example/simple/`";
  CHECK(pkg::ops::differences(lock, subject, *requirements) == std::vector<std::string>{index});
  place.write("x.whl", "two");
  CHECK(pkg::ops::differences(lock, subject, *requirements) ==
        std::vector<std::string>{
            pkg::cat("`x.whl` was made again: its sha256 was ", pkg::hash::to_hex(pkg::hash::sha256("one")),
                     ", and is ", pkg::hash::to_hex(pkg::hash::sha256("two"))),
            index});
}
