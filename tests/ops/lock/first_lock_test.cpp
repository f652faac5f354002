#include "ops/lock/first_lock.h"

#include <doctest/doctest.h>

#include "base/text.h"
#include "lock/pylock.h"
#include "ops/lock/lock.h"
#include "ops/lock/lock_steps.h"
#include "support/ops_kit.h"
#include "support/printers.h"

namespace {

using namespace pkg;

struct Place {
  test::OpsKit kit;
  Place() {
    for (const auto* version : {"1.0", "1.1", "2.0"}) kit.index.add("a", version);
    for (const auto* version : {"1.0", "3.0"}) kit.index.add("b", version);
    kit.write("pyproject.toml",
              "[project]\nname = \"work\"\nversion = \"1\"\nrequires-python = \">=3.9\"\n"
              "dependencies = [\"a\", \"b>=2\"]\n");
  }
  // What was locked, with notes and warnings.
  std::string lock(const ops::LockOptions& options = {}, const ops::FirstPins* pins = nullptr) {
    auto session = kit.session();
    const auto subject = ops::read_lock_subject(options, session);
    if (!subject) return subject.error().message;
    auto& own_session = ops::session_for(*subject, session);
    const auto report = pins == nullptr ? ops::lock_subject(*subject, options, own_session)
                                        : ops::lock_first(*subject, options, pins, own_session);
    if (!report) return report.error().message;
    std::string out;
    for (const auto& package : report->lock.packages)
      append(out, package.name.str(), ' ', package.version->to_string(), '\n');
    for (const auto& note : report->notes) append(out, "note: ", note, '\n');
    for (const auto& warning : report->warnings) append(out, "warning: ", warning, '\n');
    append(out, report->changes.size(), " changes\n");
    return out;
  }
};

const std::string kPoetry =
    "[[package]]\nname = \"a\"\nversion = \"1.1\"\n[[package]]\nname = \"b\"\nversion = \"1.0\"\n";

}  // namespace

TEST_CASE("the first lock prefers the versions of another tool's lock, as far as they fit") {
  Place place;
  place.kit.write("poetry.lock", kPoetry);
  CHECK(place.lock() ==
        "a 1.1\nb 3.0\nnote: no `pylock.toml` yet: the versions of `poetry.lock` are preferred\n2 changes\n");
  // From now on the lock that is there counts.
  place.kit.write("poetry.lock", "[[package]]\nname = \"a\"\nversion = \"1.0\"\n");
  place.kit.write("pyproject.toml", place.kit.read("pyproject.toml") + "\n[dependency-groups]\ndev = [\"b\"]\n");
  CHECK(place.lock() == "a 1.1\nb 3.0\n0 changes\n");
}

TEST_CASE("an upgrade lifts the versions of another tool's lock, all or by name") {
  Place place;
  place.kit.write("pdm.lock", kPoetry);
  ops::LockOptions options;
  options.dry_run = true;
  options.resolve.upgrade_packages = {"a"};
  CHECK(place.lock(options) ==
        "a 2.0\nb 3.0\nnote: no `pylock.toml` yet: the versions of `pdm.lock` are preferred\n2 changes\n");
  options.resolve.upgrade_packages.clear();
  options.resolve.upgrade = true;
  CHECK(place.lock(options) == "a 2.0\nb 3.0\n2 changes\n");
}

TEST_CASE("a damaged lock of another tool is a warning, and the next one is looked at") {
  Place place;
  place.kit.write("uv.lock", "package = 1\n");
  place.kit.write("Pipfile.lock", R"({"_meta": {}, "default": {"a": {"version": "==1.0"}}})");
  CHECK(place.lock() ==
        "a 1.0\nb 3.0\nnote: no `pylock.toml` yet: the versions of `Pipfile.lock` are preferred\n"
        "warning: ignored `uv.lock`: `uv.lock` has not the form of a uv.lock: `package` is an integer, expected "
        "[[package]] tables\n2 changes\n");
}

TEST_CASE("pins that a caller gives come before those that lie there") {
  Place place;
  place.kit.write("uv.lock", kPoetry);
  ops::FirstPins pins{{}, "requirements.txt"};
  lock::LockedPackage package;
  package.name = pep::Name::from_normalized("a");
  package.version = pep::Version::try_parse("1.0");
  pins.lock.packages.push_back(package);
  CHECK(place.lock({}, &pins) ==
        "a 1.0\nb 3.0\nnote: no `pylock.toml` yet: the versions of `requirements.txt` are preferred\n2 changes\n");
}
