#include "ops/environment/target_platform.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.h"
#include "ops/project/required_environment.h"

namespace pkg::ops {
namespace {

// The oldest system that is usual today stands for a name that gives no version.
std::string tag_of(const std::string& text) {
  constexpr std::array<std::array<std::string_view, 2>, 10> kNames{
      {{"linux", "manylinux_2_28_x86_64"},
       {"macos", "macosx_13_0_arm64"},
       {"windows", "win_amd64"},
       {"x86_64-apple-darwin", "macosx_13_0_x86_64"},
       {"aarch64-apple-darwin", "macosx_13_0_arm64"},
       {"x86_64-pc-windows-msvc", "win_amd64"},
       {"i686-pc-windows-msvc", "win32"},
       {"aarch64-pc-windows-msvc", "win_arm64"},
       {"x86_64-unknown-linux-musl", "musllinux_1_2_x86_64"},
       {"aarch64-unknown-linux-musl", "musllinux_1_2_aarch64"}}};
  for (const auto& [name, tag] : kNames)
    if (text == name) return std::string(tag);
  const auto dash = text.find('-');
  if (dash == std::string::npos) return text;
  const auto machine = text.substr(0, dash), rest = text.substr(dash + 1);
  if (rest == "unknown-linux-gnu") return cat("manylinux_2_28_", machine);
  if (rest.starts_with("manylinux") || rest.starts_with("musllinux")) return cat(rest, "_", machine);
  return text;
}

std::string machine_of(std::string_view tag) {
  constexpr auto kMachines = std::to_array<std::string_view>({"x86_64", "aarch64", "arm64", "i686", "armv7l", "armv6l",
                                                              "ppc64le", "ppc64", "s390x", "riscv64", "loongarch64"});
  for (const auto machine : kMachines)
    if (tag.ends_with(machine)) return std::string(machine);
  return {};
}

}  // namespace

void TargetPlatform::apply_to(pep::Environment& environment) const {
  environment.os_name = os_name;
  environment.sys_platform = sys_platform;
  environment.platform_system = platform_system;
  environment.platform_machine = platform_machine;
  environment.platform_release.clear();
  environment.platform_version.clear();
}

Result<TargetPlatform> parse_target_platform(const std::string& text) {
  const auto tag = tag_of(text);
  PKG_TRY_ASSIGN(const auto environments,
                 required_environments(tag).with([&] { return cat("as the platform ", quote(text)); }));
  TargetPlatform platform;
  if (environments.size() != 1 || environments.front().platforms.empty())
    return make_error(ErrorKind::bad_data, cat(quote(text), " is not one platform"),
                      "such as linux, macos, windows, manylinux_2_28_x86_64");
  platform.tags = environments.front().platforms;
  if (tag.starts_with("win")) {
    platform.os_name = "nt";
    platform.sys_platform = "win32";
    platform.platform_system = "Windows";
    platform.platform_machine = tag == "win_arm64" ? "ARM64" : tag == "win32" ? "x86" : "AMD64";
    return platform;
  }
  const bool is_mac = tag.starts_with("macosx");
  platform.os_name = "posix";
  platform.sys_platform = is_mac ? "darwin" : "linux";
  platform.platform_system = is_mac ? "Darwin" : "Linux";
  platform.platform_machine = machine_of(tag);
  return platform;
}

}  // namespace pkg::ops
