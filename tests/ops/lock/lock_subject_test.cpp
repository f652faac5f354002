#include "ops/lock/lock_subject.h"

#include <doctest/doctest.h>

#include <functional>

#include "base/text.h"
#include "ops/lock/lock_place.h"
#include "support/printers.h"

namespace {

using Place = pkg::test::LockPlace;
using pkg::test::kLockedProject;

}  // namespace

TEST_CASE("comments, layout, order of tables and other tools' settings are no inputs of a lock") {
  Place place;
  place.write("pyproject.toml", kLockedProject);
  const auto digest = place.digest();
  CHECK(digest.size() == 64);
  CHECK(place.digest() == digest);
  place.write("pyproject.toml", std::string("# a comment\n[tool.other]\nx = 1\n") + kLockedProject);
  CHECK(place.digest() == digest);
  place.write("pyproject.toml", R"([dependency-groups]
dev = [
  "pytest",
]
[project]
version = "2.0"
description = "more"
dependencies = ["numpy>=2",   "rich"]
name = "work"
requires-python = ">=3.10"
[project.optional-dependencies]
plot = ["matplotlib"]
)");
  CHECK(place.digest() == digest);
}

TEST_CASE("what a resolution depends on is an input of a lock") {
  const std::vector<std::pair<std::string, std::string>> edits{
      {"numpy>=2", "numpy>=2.1"}, {"\"rich\"", "\"rich\", \"six\""},
      {">=3.10", ">=3.11"},       {"matplotlib", "seaborn"},
      {"plot", "draw"},           {"pytest", "nose"},
      {"dev =", "test ="},        {"name = \"work\"", "name = \"job\""}};
  Place place;
  place.write("pyproject.toml", kLockedProject);
  const auto digest = place.digest();
  for (const auto& edit : edits) {
    CAPTURE(edit.first);
    place.write("pyproject.toml", pkg::replace_all(kLockedProject, edit.first, edit.second));
    CHECK(place.digest() != digest);
  }
  place.write("pyproject.toml", std::string(kLockedProject) + "[tool.pkg]\nfork-strategy = \"fewest\"\n");
  CHECK(place.digest() != digest);
}

TEST_CASE("what the project is built with is an input of a lock that has it, and of no other") {
  Place place;
  const auto digest_of = [&](const std::string& setting, const std::string& backend, const std::string& more) {
    place.write("pyproject.toml", pkg::cat("[build-system]\nrequires = [\"", backend, "\"]\n", kLockedProject,
                                           "[tool.pkg]\nlock-build-dependencies = ", setting, "\n"));
    place.write("setup.py", more);
    return place.digest();
  };
  CHECK(digest_of("false", "a", "1") == digest_of("false", "b", "2"));
  CHECK(digest_of("true", "a", "1") != digest_of("true", "b", "1"));
  CHECK(digest_of("true", "a", "1") != digest_of("true", "a", "2"));
  CHECK(digest_of("['other']", "a", "1") == digest_of("['other']", "b", "2"));
  CHECK(digest_of("['work']", "a", "1") != digest_of("['work']", "b", "1"));
}

TEST_CASE("indexes and options are inputs of a lock, credentials are not") {
  Place place;
  place.write("pyproject.toml", kLockedProject);
  const auto digest = place.digest();
  const auto with = [&](const std::function<void(Place&)>& change) {
    Place other;
    other.write("pyproject.toml", kLockedProject);
    change(other);
    return other.digest();
  };
  CHECK(with([](Place&) {}) == digest);
  CHECK(with([](Place& p) { p.settings.indexes[0].url = "https://me:secret@index.example/simple/"; }) == digest);
  CHECK(with([](Place& p) { p.settings.indexes[0].url = "https://mirror.example/simple/"; }) != digest);
  CHECK(with([](Place& p) { p.settings.indexes[0].name = "main"; }) != digest);
  CHECK(with([](Place& p) { p.settings.find_links = {"/wheels"}; }) == digest);
  CHECK(with([](Place& p) { p.settings.no_index = true; }) != digest);
  CHECK(with([](Place& p) { p.options.resolve.policy.order = pkg::resolver::Order::lowest; }) != digest);
  CHECK(with([](Place& p) { p.options.strict_requires_python = true; }) != digest);
  CHECK(with([](Place& p) { p.options.inputs.excludes = {"six"}; }) != digest);
  // Upgrading is an act, not a property of the lock.
  CHECK(with([](Place& p) { p.options.resolve.upgrade = true; }) == digest);
  const auto neutral = with([](Place& p) { p.options.mirror_neutral = true; });
  CHECK(neutral != digest);
  CHECK(with([](Place& p) {
          p.options.mirror_neutral = true;
          p.settings.indexes[0].url = "https://mirror.example/simple/";
        }) == neutral);
}

TEST_CASE("wheels of this machine that are sources are inputs of a lock, by what is in them") {
  Place place;
  place.write("lib-1-py3-none-any.whl", "one");
  place.write("pyproject.toml",
              std::string(kLockedProject) + "[tool.pkg.sources]\nlib = {path = \"lib-1-py3-none-any.whl\"}\n");
  const auto digest = place.digest();
  CHECK(place.digest() == digest);
  place.write("lib-1-py3-none-any.whl", "two");
  const auto built_again = place.digest();
  CHECK(built_again != digest);
  std::filesystem::remove(place.folder / "lib-1-py3-none-any.whl");
  CHECK(place.digest() != built_again);
}

TEST_CASE("what folders that are sources say of themselves is an input of a lock") {
  Place place;
  std::filesystem::create_directories(place.folder / "lib");
  place.write("lib/pyproject.toml", "[project]\nname = \"lib\"\nversion = \"1\"\n");
  const auto with_source = std::string(kLockedProject) + "[tool.pkg.sources]\nlib = {path = \"lib\"}\n";
  place.write("pyproject.toml", with_source);
  const auto digest = place.digest();
  place.write("lib/code.py", "x = 1\n");
  CHECK(place.digest() == digest);
  place.write("lib/pyproject.toml", "[project]\nname = \"lib\"\nversion = \"2\"\n");
  CHECK(place.digest() != digest);
  // Of members the backend is asked for: what it may read.
  place.write("pyproject.toml", "[project]\nname = \"work\"\nversion = \"1\"\ndynamic = [\"dependencies\"]\n");
  const auto dynamic = place.digest();
  place.write("requirements.txt", "six\n");
  CHECK(place.digest() != dynamic);
}

TEST_CASE("a cut-off given as a duration is the same input every day, one given as a date is that moment") {
  Place place;
  place.write("pyproject.toml", kLockedProject);
  auto& resolve = place.options.resolve;
  resolve.exclude_newer = "7 days";
  resolve.policy.exclude_newer = 1'700'000'000;
  const auto digest = place.digest();
  resolve.policy.exclude_newer = 1'700'086'400;
  CHECK(place.digest() == digest);
  resolve.exclude_newer = "2023-11-14T22:13:20Z";
  resolve.policy.exclude_newer = 1'700'000'000;
  const auto dated = place.read();
  CHECK(dated.digest != digest);
  CHECK(dated.options == std::vector<std::pair<std::string, std::string>>{{"exclude-newer", "2023-11-14T22:13:20Z"}});
  resolve.exclude_newer = "2023-11-14T23:13:20+01:00";
  CHECK(place.digest() == dated.digest);
}

TEST_CASE("a script is locked beside itself, under a name a lock may have") {
  Place place;
  place.write("my.tool.py",
              "# /// script\n# requires-python = \">=3.11\"\n# dependencies = [\"rich\"]\n# ///\nimport rich\n");
  place.options.script = "my.tool.py";
  const auto subject = place.read();
  CHECK(subject.is_script);
  CHECK(subject.lock_path == place.folder / "pylock.my_tool.toml");
  const auto requirements = pkg::ops::requirements_of(subject.project);
  REQUIRE_OK(requirements);
  REQUIRE(requirements->requirements.size() == 1);
  CHECK(requirements->requirements[0].to_string() == "rich");
  CHECK(requirements->requires_python.to_string() == ">=3.11");
  place.write("my.tool.py", "# /// script\n# requires-python = \">=3.11\"\n# dependencies = [\"six\"]\n# ///\n");
  CHECK(place.digest() != subject.digest);
}

TEST_CASE("a script's indexes and a project's build settings count for it, and do not leak into the session") {
  Place place;
  place.write("tool.py",
              "# /// script\n# dependencies = [\"rich\"]\n# [[tool.pkg.index]]\n# name = \"corp\"\n"
              "# url = \"https://corp.example/simple/\"\n# ///\n");
  place.write("pyproject.toml",
              std::string(kLockedProject) +
                  "[tool.pkg]\nconfig-settings = { debug = true }\n[tool.pkg.sources]\nrich = { index = \"corp\" }\n");
  pkg::ops::Session session(place.settings, place.folder.path(), place.reporter, place.cancel);
  place.options.script = "tool.py";
  const auto script = pkg::ops::read_lock_subject(place.options, session);
  REQUIRE_OK(script);
  auto& for_script = pkg::ops::session_for(*script, session);
  CHECK(for_script.settings().indexes.front().name == "corp");

  place.options.script.clear();
  const auto project = pkg::ops::read_lock_subject(place.options, session);
  REQUIRE_OK(project);
  auto& for_project = pkg::ops::session_for(*project, session);
  CHECK(for_project.settings().indexes == place.settings.indexes);
  CHECK(for_project.settings().index_of.at(pkg::pep::Name::from_normalized("rich")) == "corp");
  CHECK(for_project.build_options().config_settings.contains("debug"));

  CHECK(session.settings() == place.settings);
  CHECK(session.build_options() == pkg::ops::BuildOptions());
}
