#include "ops/environment/target_platform.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>

#include "support/printers.h"

TEST_CASE("platforms are told by short names, triples and tags") {
  struct Row {
    std::string text, sys_platform, platform_system, os_name, machine, best_tag;
  };
  const std::array rows{
      Row{"linux", "linux", "Linux", "posix", "x86_64", "manylinux_2_28_x86_64"},
      Row{"macos", "darwin", "Darwin", "posix", "arm64", "macosx_13_0_arm64"},
      Row{"windows", "win32", "Windows", "nt", "AMD64", "win_amd64"},
      Row{"aarch64-unknown-linux-gnu", "linux", "Linux", "posix", "aarch64", "manylinux_2_28_aarch64"},
      Row{"x86_64-unknown-linux-musl", "linux", "Linux", "posix", "x86_64", "musllinux_1_2_x86_64"},
      Row{"x86_64-manylinux_2_17", "linux", "Linux", "posix", "x86_64", "manylinux_2_17_x86_64"},
      Row{"win_arm64", "win32", "Windows", "nt", "ARM64", "win_arm64"},
      Row{"macosx_11_0_x86_64", "darwin", "Darwin", "posix", "x86_64", "macosx_11_0_x86_64"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    const auto platform = pkg::ops::parse_target_platform(row.text);
    REQUIRE_OK(platform);
    CHECK(platform->sys_platform == row.sys_platform);
    CHECK(platform->platform_system == row.platform_system);
    CHECK(platform->os_name == row.os_name);
    CHECK(platform->platform_machine == row.machine);
    CHECK(std::find(platform->tags.begin(), platform->tags.end(), row.best_tag) != platform->tags.end());
  }
}

TEST_CASE("what is no platform is refused") {
  for (const char* text : {"beos", "common", "sys_platform == 'linux'", ""}) {
    CAPTURE(text);
    CHECK(!pkg::ops::parse_target_platform(text).ok());
  }
}
