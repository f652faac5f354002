#include "resolver/wheel_coverage.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "base/text.h"

namespace pkg::resolver {
namespace {

pep::DistFile wheel(std::string name) {
  pep::DistFile file;
  file.kind = pep::DistKind::wheel;
  file.file_name = std::move(name);
  return file;
}

}  // namespace

TEST_CASE("wheels are for the environments that their tags say, whatever the project") {
  MarkerSpace space;
  WheelCoverage coverage(space, Universe());
  const auto first = wheel("a-1-py3-none-win_amd64.whl"), second = wheel("b-2.0-py3-none-win_amd64.whl"),
             pure = wheel("a-1-py3-none-any.whl"), mac = wheel("a-1-py3-none-macosx_11_0_arm64.whl"),
             binary = wheel("a-1-cp312-cp312-win_amd64.whl");
  CHECK(coverage.of(first) == coverage.of(second));
  CHECK(coverage.of(first) != coverage.of(pure));
  CHECK(space.disjoint(coverage.of(first), coverage.of(mac)));
  CHECK(space.implies(coverage.of(binary), coverage.of(first)));
  CHECK(coverage.tags_of(first.file_name) == coverage.tags_of(second.file_name));
  CHECK(coverage.tags_of(first.file_name) != coverage.tags_of(mac.file_name));
}

TEST_CASE("of a required environment that a marker describes, one machine is enough") {
  const auto covers = [](const char* marker, const char* tag, const char* environment = nullptr) {
    Universe universe;
    universe.required.push_back({marker, *pep::Marker::parse(marker), {}});
    if (environment != nullptr) universe.environments.push_back(*pep::Marker::parse(environment));
    MarkerSpace space;
    WheelCoverage coverage(space, universe);
    const auto& platform = coverage.platforms().front();
    const auto pythons = space.of_python(*pep::SpecifierSet::try_parse(">=3.9"));
    return space.implies(space.both(platform.environments, pythons),
                         coverage.of(coverage.tags_of(cat("a-1-py3-none-", tag, ".whl")), platform));
  };
  constexpr auto* kWindows = "sys_platform == 'win32'";
  for (const auto* tag : {"win_amd64", "win_arm64", "win32", "any", "macosx_11_0_arm64.win_amd64"}) {
    CAPTURE(tag);
    CHECK(covers(kWindows, tag));
    CHECK(covers("os_name == 'nt'", tag));
  }
  CHECK_FALSE(covers(kWindows, "macosx_11_0_arm64"));
  CHECK_FALSE(covers("os_name == 'posix'", "win_amd64"));
  CHECK_FALSE(covers("sys_platform == 'win32' and platform_machine == 'ARM64'", "win_amd64"));
  CHECK_FALSE(covers("sys_platform == 'linux'", "musllinux_1_2_x86_64"));
  CHECK(covers("platform_machine == 'x86_64'", "macosx_11_0_x86_64"));
  // A machine that the lock is not for does not count.
  CHECK_FALSE(covers(kWindows, "win_arm64", "platform_machine == 'AMD64'"));
  CHECK(covers(kWindows, "win_amd64", "platform_machine == 'AMD64'"));
}

TEST_CASE("each Python of a required environment needs a file, on one machine or another") {
  Universe universe;
  universe.required.push_back({"windows", *pep::Marker::parse("sys_platform == 'win32'"), {}});
  MarkerSpace space;
  WheelCoverage coverage(space, universe);
  const auto& platform = coverage.platforms().front();
  const auto of = [&](const char* name) { return coverage.of(coverage.tags_of(name), platform); };
  const auto one = of("a-1-cp312-cp312-win_amd64.whl"), other = of("a-1-cp313-cp313-win_arm64.whl");
  CHECK(one != platform.environments);
  CHECK(space.disjoint(one, other));
  CHECK(space.implies(space.both(platform.environments, space.of_python(*pep::SpecifierSet::try_parse("==3.12.*"))),
                      one));
}

TEST_CASE("environments of the universe are platforms where their markers speak of one") {
  Universe universe;
  for (const auto* marker : {"sys_platform == 'linux'", "python_version >= '3.10'"})
    universe.environments.push_back(*pep::Marker::parse(marker));
  MarkerSpace space;
  WheelCoverage coverage(space, universe);
  REQUIRE(coverage.environments().size() == 1);
  CHECK(coverage.environments().front().name == "sys_platform == \"linux\"");
}

TEST_CASE("a wheel whose name says another system can be installed nowhere on the platform") {
  MarkerSpace space;
  WheelCoverage coverage(space, Universe());
  const std::string_view tags[] = {"any",
                                   "win32",
                                   "win_amd64",
                                   "win_arm64",
                                   "macosx_10_9_universal2",
                                   "macosx_10_9_x86_64.macosx_11_0_arm64",
                                   "manylinux1_x86_64",
                                   "manylinux2014_aarch64.manylinux_2_17_aarch64",
                                   "musllinux_1_2_x86_64",
                                   "linux_armv7l",
                                   "macosx_10_9_x86_64.manylinux1_x86_64",
                                   "manylinux1_x86_64.any",
                                   "ios_13_0_arm64_iphoneos",
                                   "pyodide_2024_0_wasm32",
                                   ""};
  int passed_over = 0, covering = 0;
  for (const PlatformClass& platform : coverage.platforms())
    for (const std::string_view tag : tags) {
      const std::string name = cat("a-1-py3-none-", tag, ".whl");
      CAPTURE(platform.name);
      CAPTURE(name);
      const bool covers = coverage.of(coverage.tags_of(name), platform) != MarkerSpace::kNone;
      covering += covers ? 1 : 0;
      if (!WheelCoverage::is_for_another_system(name, platform)) continue;
      ++passed_over;
      CHECK_FALSE(covers);
    }
  CHECK(passed_over > 30);
  CHECK(covering > 10);
}

}  // namespace pkg::resolver
