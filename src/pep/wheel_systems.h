#pragma once
// For which systems the platform tags in a wheel's name are, told from the text alone: what a page keeps of each
// release, so that releases without files for a platform need not be read.

#include <cstdint>
#include <string_view>

namespace pkg::pep {

// A set of them is a WheelSystems. What is not one of these counts as any.
enum WheelSystem : std::uint8_t {
  kAnySystem = 1,
  kLinuxWheel = 2,
  kMacWheel = 4,
  kWindowsX86Wheel = 8,
  kWindowsArmWheel = 16
};
using WheelSystems = std::uint8_t;
inline constexpr WheelSystems kAllWheelSystems = 31;

// Of a compressed set: "manylinux2014_x86_64.manylinux_2_17_x86_64" → Linux, "any" → any. Never 0.
WheelSystems wheel_systems(std::string_view platform_tags);

}  // namespace pkg::pep
