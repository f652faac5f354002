#include "venv/verify.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "support/printers.h"
#include "support/silent_reporter.h"
#include "support/temp_dir.h"
#include "support/unpacked_wheel.h"

namespace pkg::venv {
namespace {

TEST_CASE("every file is compared with RECORD") {
  test::TempDir temp;
  const auto environment = test::make_environment(temp / "env");
  Change change;
  change.install.push_back(test::to_install(temp / "store", {.name = "a",
                                                             .version = "1",
                                                             .files = {{.path = "a/one.py", .content = "1"},
                                                                       {.path = "a/two.py", .content = "2"},
                                                                       {.path = "a/three.py", .content = "3"}}}));
  test::SilentReporter reporter;
  const CancelToken cancel;
  REQUIRE_OK(apply(change, environment, {.link_mode = LinkMode::copy}, StateKey(temp / "state", {}), reporter, cancel));
  const auto dists = *installed(environment);
  REQUIRE(verify(dists, environment)->empty());

  const auto site = environment.layout.purelib;
  std::filesystem::remove(site / "a/one.py");
  std::ofstream(site / "a/two.py") << "x";
  std::ofstream(site / "a/three.py") << "longer";
  std::filesystem::create_directories(site / "a/__pycache__");
  std::ofstream(site / "a/__pycache__/one.cpython-312.pyc") << "ignored";
  const auto problems = verify(dists, environment);
  REQUIRE_OK(problems);
  REQUIRE(problems->size() == 3);
  using Kind = FileProblem::Kind;
  for (const auto& problem : *problems) {
    CHECK(problem.dist.str() == "a");
    if (problem.path == "a/one.py") CHECK(problem.kind == Kind::missing);
    if (problem.path == "a/two.py") CHECK(problem.detail.starts_with("expected sha256 1HNeOiZe"));
    if (problem.path == "a/three.py") CHECK(problem.detail == "expected 1 bytes, found 6");
  }
  std::filesystem::remove(dists[0].info / "RECORD");
  CHECK(verify(dists, environment)->at(0).kind == Kind::no_record);
}

}  // namespace
}  // namespace pkg::venv
