#include "pep/wheel_systems.h"

#include <doctest/doctest.h>

namespace pkg::pep {

TEST_CASE("systems of platform tags") {
  CHECK(wheel_systems("any") == kAnySystem);
  CHECK(wheel_systems("manylinux2014_x86_64.manylinux_2_17_x86_64") == kLinuxWheel);
  CHECK(wheel_systems("musllinux_1_2_aarch64") == kLinuxWheel);
  CHECK(wheel_systems("linux_armv7l") == kLinuxWheel);
  CHECK(wheel_systems("macosx_10_9_universal2") == kMacWheel);
  CHECK(wheel_systems("win_amd64") == kWindowsX86Wheel);
  CHECK(wheel_systems("win32") == kWindowsX86Wheel);
  CHECK(wheel_systems("win_arm64") == kWindowsArmWheel);
  CHECK(wheel_systems("win_ia64") == (kWindowsX86Wheel | kWindowsArmWheel));
  CHECK(wheel_systems("macosx_10_9_x86_64.win_amd64") == (kMacWheel | kWindowsX86Wheel));
  for (const auto* other : {"", ".", "ios_13_0_arm64_iphoneos", "pyodide_2024_0_wasm32", "m", "w", "l", "many"})
    CHECK(wheel_systems(other) == kAnySystem);
}

}  // namespace pkg::pep
