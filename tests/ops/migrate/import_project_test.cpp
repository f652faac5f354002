#include "ops/migrate/import_project.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <memory>

#include "base/text.h"
#include "ops/lock/lock_steps.h"
#include "support/ops_kit.h"
#include "support/printers.h"

namespace {

using namespace pkg;

struct Place {
  test::OpsKit kit;
  bool no_lock = false, dry_run = false;
  Place() {
    for (const auto* version : {"1.0", "1.1", "2.0"}) kit.index.add("a", version);
    for (const auto* version : {"1.0", "3.0"}) kit.index.add("b", version);
  }

  Result<ops::ImportReport> import(const std::string& file = {}) {
    session_.reset(new ops::Session(kit.session()));  // it cannot be moved
    ops::ImportOptions options;
    options.file = file;
    options.no_lock = no_lock;
    options.dry_run = dry_run;
    return ops::import_project(options, *session_, [&]() -> Result<ops::WayToLock> {
      ops::LockOptions lock;
      lock.python = "3.12";
      return ops::WayToLock{session_.get(), lock};
    });
  }

  // The tool, the file, what else is there; or the error.
  std::string chosen(const std::string& file = {}) {
    no_lock = dry_run = true;
    const auto report = import(file);
    if (!report) return report.error().message;
    std::string out = cat(report->tool, ": ", report->manifest, " |");
    for (const auto& other : report->others) append(out, ' ', other);
    return out;
  }

  std::string locked() const {
    const auto lock = ops::read_lock_file(kit.work() / "pylock.toml");
    if (!lock) return "(no lock)";
    std::string out;
    for (const auto& package : lock->packages) append(out, package.name.str(), ' ', package.version->to_string(), '\n');
    return out;
  }

 private:
  std::unique_ptr<ops::Session> session_;
};

const std::string kPipfile = "[packages]\na = \"*\"\nb = \">=2\"\n";
const std::string kPipfileLock =
    R"({"_meta": {}, "default": {"a": {"version": "==1.1"}, "b": {"version": "==1.0"}, "gone": {"version": "==9"}}})";

}  // namespace

TEST_CASE("a project is imported and locked with the pins of its old lock, and lost pins are named") {
  Place place;
  place.kit.write("Pipfile", kPipfile);
  place.kit.write("Pipfile.lock", kPipfileLock);
  const auto report = place.import();
  REQUIRE_OK(report);
  CHECK(place.locked() == "a 1.1\nb 3.0\n");
  CHECK(place.kit.read("pyproject.toml") ==
        "[project]\nname = \"work\"\nversion = \"0.1.0\"\ndependencies = [\n    \"a\",\n    \"b>=2\",\n]\n");
  CHECK(join(report->lost_pins, "\n") ==
        "`b` was 1.0 in `Pipfile.lock`, and is 3.0 now\nin `Pipfile.lock` and needed by nothing here: gone");
  CHECK(join(report->obsolete, " ") == "Pipfile Pipfile.lock");
  CHECK(place.kit.read("Pipfile") == kPipfile);
  CHECK(place.kit.read("Pipfile.lock") == kPipfileLock);
}

TEST_CASE("nothing is changed when the lock fails, in a dry run, or where only the file is wanted") {
  Place place;
  place.kit.write("Pipfile", "[packages]\na = \">=9\"\n");
  CHECK_FALSE(place.import().ok());
  CHECK_FALSE(place.kit.exists("pyproject.toml"));
  CHECK_FALSE(place.kit.exists("pylock.toml"));

  const std::string old = "[project]\nname = \"mine\"\nversion = \"1\"\n";
  place.kit.write("pyproject.toml", old);
  CHECK_FALSE(place.import().ok());
  CHECK(place.kit.read("pyproject.toml") == old);

  place.kit.write("Pipfile", kPipfile);
  place.dry_run = true;
  const auto dry = place.import();
  REQUIRE_OK(dry);
  CHECK(dry->text == old + "dependencies = [\n    \"a\",\n    \"b>=2\",\n]\n");
  CHECK(place.kit.read("pyproject.toml") == old);

  place.dry_run = false;
  place.no_lock = true;
  REQUIRE_OK(place.import());
  CHECK(place.kit.read("pyproject.toml") == dry->text);
  CHECK_FALSE(place.kit.exists("pylock.toml"));
}

TEST_CASE("a pyproject.toml that is a link stays one, and the file behind it is as it was when the lock fails") {
  Place place;
  std::filesystem::create_directories(place.kit.work() / "real");
  place.kit.write("real/pyproject.toml", "# ours\n");
  std::filesystem::create_symlink("real/pyproject.toml", place.kit.work() / "pyproject.toml");
  place.kit.write("Pipfile", "[packages]\nmissing = \"*\"\n");
  CHECK(!place.import().ok());
  CHECK(std::filesystem::is_symlink(place.kit.work() / "pyproject.toml"));
  CHECK(place.kit.read("real/pyproject.toml") == "# ours\n");
}

TEST_CASE("without a file the first kind that is there is taken, and the others are named") {
  Place place;
  CHECK(place.chosen() == "there is nothing to import in `" + place.kit.work().string() + "`");
  place.kit.write("environment.yml", "dependencies:\n");
  CHECK(place.chosen() == "conda: environment.yml |");
  place.kit.write("requirements.txt", "a\n");
  CHECK(place.chosen() == "requirements files: requirements.txt | environment.yml");
  place.kit.write("setup.cfg", "[flake8]\nx = 1\n");
  CHECK(place.chosen() == "requirements files: requirements.txt | environment.yml");
  place.kit.write("setup.cfg", "[metadata]\nname = work\n");
  CHECK(place.chosen() == "setuptools: setup.cfg | requirements.txt environment.yml");
  place.kit.write("Pipfile", kPipfile);
  CHECK(place.chosen() == "Pipenv: Pipfile | setup.cfg requirements.txt environment.yml");
  place.kit.write("pyproject.toml", "[tool.pdm]\n[tool.poetry]\nname = \"work\"\n");
  CHECK(place.chosen() == "Poetry: pyproject.toml | pyproject.toml Pipfile setup.cfg requirements.txt environment.yml");
  CHECK(place.chosen("Pipfile") ==
        "Pipenv: Pipfile | pyproject.toml pyproject.toml setup.cfg requirements.txt environment.yml");
  CHECK(place.chosen("environment.yml").starts_with("conda: environment.yml |"));
}

TEST_CASE("files of no known kind, of another project, or that are links out of it are refused") {
  Place place;
  place.kit.write("poetry.lock", "");
  place.kit.write("x.cfg", "");
  place.kit.write("sub/setup.cfg", "[metadata]\nname = x\n");
  place.kit.write("pyproject.toml", "[tool.uv]\n");
  CHECK(place.chosen("poetry.lock") == "`poetry.lock` is of no kind that is known");
  CHECK(place.chosen("x.cfg") == "`x.cfg` is of no kind that is known");
  CHECK(place.chosen("none") == "there is no `none`");
  CHECK(place.chosen("sub/setup.cfg") == "`sub/setup.cfg` is of another project");
  CHECK(place.chosen("pyproject.toml") == "`pyproject.toml` has neither [tool.poetry] nor [tool.pdm]");
  CHECK(place.import().error().hint ==
        "pyproject.toml is in the standard's form already; uv.lock gives preferences for the first `pkg lock`");
  place.kit.write("../outside", "[packages]\n");
  std::filesystem::create_symlink("../outside", place.kit.work() / "Pipfile");
  CHECK(place.chosen() == "`Pipfile` is a link that leads out of the project");
  CHECK(place.chosen("Pipfile") == "Pipenv: Pipfile |");
}

TEST_CASE("a lock that cannot be read is a note; one that pkg made counts before another tool's") {
  Place place;
  place.kit.write("Pipfile", kPipfile);
  place.kit.write("Pipfile.lock", "[]");
  const auto report = place.import();
  REQUIRE_OK(report);
  REQUIRE(report->notes.size() == 1);
  CHECK(report->notes[0].text ==
        "the pins of `Pipfile.lock` are not carried: `Pipfile.lock` has not the form of a Pipfile.lock: it has no "
        "`_meta`");
  CHECK(place.locked() == "a 2.0\nb 3.0\n");
  place.kit.write("Pipfile.lock", kPipfileLock);
  const auto again = place.import();
  REQUIRE_OK(again);
  CHECK_FALSE(again->is_changed);
  CHECK(again->notes.back().text == "`pylock.toml` is there already: its pins count, not those of `Pipfile.lock`");
  CHECK(place.locked() == "a 2.0\nb 3.0\n");
}

TEST_CASE("the metadata of a setup.py is asked from its build backend") {
  Place place;
  place.kit.write("setup.py", "raise SystemExit('this is never run here')\n");
  const auto report = place.import();
  REQUIRE_FALSE(report.ok());  // the builder of these tests reads files alone
  CHECK(report.error().kind == ErrorKind::build);
  CHECK_FALSE(place.kit.exists("pyproject.toml"));
}

TEST_CASE("a project of Poetry is locked with the pins of poetry.lock") {
  Place place;
  place.kit.write("pyproject.toml",
                  "[tool.poetry]\nname = \"work\"\nversion = \"1\"\n[tool.poetry.dependencies]\npython = \">=3.12\"\n"
                  "a = \"*\"\n");
  place.kit.write("poetry.lock", "[[package]]\nname = \"a\"\nversion = \"1.0\"\n");
  const auto report = place.import();
  REQUIRE_OK(report);
  CHECK(place.locked() == "a 1.0\n");
  CHECK(join(report->obsolete, " ") == "poetry.lock");
}
