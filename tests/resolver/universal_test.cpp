// Universal resolution: the vectors' scenarios, and text worlds (universal/*.txt).
//
// A line "lock QUESTION  => PINS" of a text world (support/lock_question.h) resolves for all environments; a conflict
// is told as in worlds/*.txt. Whatever comes out is also projected onto a grid of environments and selections, and each
// projection is checked.

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/text.h"
#include "conformance/resolver_scenarios.h"
#include "conformance/resolver_universal.h"
#include "resolver/resolve.h"
#include "support/check_lock.h"
#include "support/conformance.h"
#include "support/lock_question.h"
#include "support/printers.h"
#include "support/random_marker.h"
#include "support/vectors.h"
#include "support/world.h"

using namespace pkg;

namespace {

std::string read(const std::filesystem::path& file) {
  std::ifstream stream(file);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

// Everything check_lock finds on a grid within the universe.
std::string complaints(const resolver::Problem& problem, const resolver::Resolution& resolution, test::World& world) {
  constexpr std::string_view kPythons[] = {"3.8.1", "3.9.0", "3.10.4", "3.11.9", "3.12.1", "3.13.0", "3.14.0"};
  std::vector<std::string> found;
  for (const pep::Environment& environment : test::environment_grid(kPythons)) {
    for (test::LockTarget& target : test::selections(problem)) {
      target.environment = environment;
      if (!test::is_in_universe(problem, target)) continue;
      for (const std::string& complaint : test::check_lock(problem, resolution, world, target))
        found.push_back(cat(environment.sys_platform, " ", environment.platform_machine, " ",
                            environment.python_full_version, ": ", complaint));
    }
  }
  return join(found, "\n");
}

}  // namespace

TEST_CASE("universal scenarios of the vectors: satisfiable as they say, every projection a solution") {
  std::size_t scenarios = 0, projections = 0, equal = 0, different = 0, invalid = 0;
  for (const auto& file : conformance::scenario_files(test::vectors_folder())) {
    const auto verdict = conformance::run_universal_scenario(file);
    if (!verdict) continue;
    ++scenarios;
    CAPTURE(verdict->name);
    CAPTURE(verdict->id);
    CAPTURE(verdict->conflict.explanation);
    CHECK(verdict->error == "");
    for (const auto& projection : verdict->projections) {
      CAPTURE(projection.environment);
      CAPTURE(projection.ours);
      CAPTURE(projection.theirs);
      CHECK(join(projection.complaints, "\n") == "");
      ++projections;
      if (!projection.complaints.empty()) ++invalid;
      if (projection.is_outside) continue;
      if (projection.is_compared) ++(projection.is_equal ? equal : different);
    }
  }
  MESSAGE(scenarios << " universal scenarios, " << projections << " projections: " << equal << " equal, " << different
                    << " valid but different, " << invalid << " invalid");
  CHECK(scenarios == 34);
  CHECK(invalid == 0);
}

TEST_CASE("the universal scenarios that differ are exactly those that docs/internals/conformance.md lists") {
  test::compare_with_deviations(conformance::run_resolver_universal(test::vectors_folder()));
}

TEST_CASE("universal text worlds resolve as they say, and every projection is a solution") {
  std::vector<std::filesystem::path> files;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::filesystem::path(PKG_SOURCE_DIR) / "tests/resolver/universal"))
    files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  REQUIRE(!files.empty());
  for (const auto& file : files) {
    const std::string text = read(file);
    test::World probe;
    const auto questions = test::load_world(text, probe);
    REQUIRE_OK(questions);
    for (const std::string& question : *questions) {
      test::World world;
      REQUIRE_OK(test::load_world(text, world));
      const std::size_t arrow = question.find("=>");
      REQUIRE(arrow != std::string::npos);
      const std::string expected(trim(question.substr(arrow + 2)));
      CAPTURE(file.filename().string());
      CAPTURE(question);
      const auto problem = test::lock_problem(std::string_view(question).substr(5, arrow - 5));
      REQUIRE_OK(problem);
      const auto answer = resolver::resolve(*problem, world);
      REQUIRE_OK(answer);
      CHECK(test::lock_answer_text(*answer, expected.starts_with("error: "),
                                   expected.find("\nhint: ") != std::string::npos) == expected);
      if (const auto* const resolution = std::get_if<resolver::Resolution>(&*answer))
        CHECK(complaints(*problem, *resolution, world) == "");
    }
  }
}

TEST_CASE("a wish for files is given up after a few releases that cannot be read") {
  // Only an older lib has files for macOS on x86_64, and only older apps take it: nobody can tell which, for their
  // metadata is gone.
  std::string text = "app 300: lib>=2\n";
  for (int i = 299; i > 0; --i) text += cat("app ", i, " {no-metadata gone}:\n");
  text +=
      "lib 2 {wheel cp312-cp312-manylinux_2_17_x86_64, wheel cp312-cp312-manylinux_2_17_aarch64, wheel "
      "cp312-cp312-macosx_11_0_arm64, "
      "wheel "
      "cp312-cp312-win_amd64, wheel cp312-cp312-win_arm64}:\n"
      "lib 1:\n";
  test::World world;
  REQUIRE_OK(test::load_world(text, world));
  const auto problem = test::lock_problem("--python ==3.12.* app");
  REQUIRE_OK(problem);
  const auto answer = resolver::resolve(*problem, world);
  REQUIRE_OK(answer);
  CHECK(test::lock_answer_text(*answer, false, false) == "app 300, lib 2");
  CHECK(world.counts().metadata > 8);  // it was tried
  CHECK(world.counts().metadata < 30);
}
