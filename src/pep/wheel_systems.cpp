#include "pep/wheel_systems.h"

namespace pkg::pep {
namespace {

WheelSystems system_of(std::string_view tag) {
  switch (tag.empty() ? '\0' : tag.front()) {
    case 'm':
      if (tag.starts_with("manylinux") || tag.starts_with("musllinux")) return kLinuxWheel;
      return tag.starts_with("macosx") ? kMacWheel : kAnySystem;
    case 'l':
      return tag.starts_with("linux") ? kLinuxWheel : kAnySystem;
    case 'w':
      if (tag == "win_amd64" || tag == "win32") return kWindowsX86Wheel;
      if (tag == "win_arm64") return kWindowsArmWheel;
      return tag.starts_with("win") ? kWindowsX86Wheel | kWindowsArmWheel : kAnySystem;
    default:
      return kAnySystem;
  }
}

}  // namespace

WheelSystems wheel_systems(std::string_view platform_tags) {
  WheelSystems systems = 0;
  while (true) {
    const std::size_t dot = platform_tags.find('.');
    systems |= system_of(platform_tags.substr(0, dot));
    if (dot == std::string_view::npos) return systems;
    platform_tags.remove_prefix(dot + 1);
  }
}

}  // namespace pkg::pep
