#include <doctest/doctest.h>

#include <fstream>

#include "base/events.h"
#include "ops/install/sync.h"
#include "support/silent_reporter.h"
#include "support/temp_dir.h"

namespace {

// What a sync of this line fails with: there is no environment.
std::string error_of(const std::string& line) {
  const pkg::test::TempDir folder;
  pkg::test::SilentReporter reporter;
  pkg::CancelToken cancel;
  pkg::ops::Session session(pkg::index::Settings{}, folder.path(), reporter, cancel);
  std::ofstream(folder / "r.txt") << line << '\n';
  pkg::ops::InstallOptions options;
  options.inputs.requirements_files = {"r.txt"};
  options.environment.python = (folder / "no-environment").string();
  const auto report = pkg::ops::sync(options, session);
  return report.ok() ? std::string() : report.error().message;
}

}  // namespace

TEST_CASE("a sync takes == and === for pins, and nothing else") {
  CHECK(error_of("six>=1") == "`six>=1` (r.txt:1) is not pinned with ==");
  CHECK(error_of("six==1.*") == "`six==1.*` (r.txt:1) is not pinned with ==");
  const auto pinned = error_of("six==1.16.0");
  CHECK(pinned.find("no-environment") != std::string::npos);
  CHECK(error_of("six===1.16.0").find("no-environment") != std::string::npos);
}
