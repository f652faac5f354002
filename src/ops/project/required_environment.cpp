#include "ops/project/required_environment.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"
#include "pep/tags.h"

namespace pkg::ops {
namespace {

using Os = pep::PlatformFacts::Os;

// What most people run: glibc since 2014, Alpine and its kin, both kinds of Macs, Windows.
constexpr auto kCommon =
    std::to_array<std::string_view>({"manylinux_2_17_x86_64", "manylinux_2_17_aarch64", "musllinux_1_2_x86_64",
                                     "macosx_11_0_arm64", "macosx_11_0_x86_64", "win_amd64"});

// A machine that a platform tag speaks of, with its marker values.
struct Machine {
  pep::PlatformFacts facts;
  std::string sys_platform, platform_machine;
};

bool is_tag_text(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return is_ascii_alnum(c) || c == '_'; });
}

// "2_17_x86_64" → 2, 17, and the rest.
std::optional<std::string> take_version(std::string_view text, int& major, int& minor) {
  const auto first = text.find('_');
  if (first == std::string_view::npos) return std::nullopt;
  const auto second = text.find('_', first + 1);
  if (second == std::string_view::npos || second + 1 == text.size()) return std::nullopt;
  const auto a = parse_u64(text.substr(0, first)), b = parse_u64(text.substr(first + 1, second - first - 1));
  if (!a || !b || *a > 999 || *b > 999) return std::nullopt;
  major = static_cast<int>(*a);
  minor = static_cast<int>(*b);
  return std::string(text.substr(second + 1));
}

// The names that PEP 513, 571 and 599 gave to three versions of glibc.
std::string modern_manylinux(std::string_view text) {
  constexpr std::array<std::array<std::string_view, 2>, 3> kOld{{{"manylinux2014_", "manylinux_2_17_"},
                                                                 {"manylinux2010_", "manylinux_2_12_"},
                                                                 {"manylinux1_", "manylinux_2_5_"}}};
  for (const auto& [old_name, name] : kOld) {
    if (text.starts_with(old_name)) return cat(name, text.substr(old_name.size()));
  }
  return std::string(text);
}

std::optional<Machine> linux_machine(std::string_view text) {
  Machine machine;
  machine.sys_platform = "linux";
  machine.facts.os = Os::linux_;
  std::optional<std::string> architecture;
  if (text.starts_with("manylinux_"))
    architecture = take_version(text.substr(10), machine.facts.glibc_major, machine.facts.glibc_minor);
  else if (text.starts_with("musllinux_"))
    architecture = take_version(text.substr(10), machine.facts.musl_major, machine.facts.musl_minor);
  else if (text.starts_with("linux_") && text.size() > 6)
    architecture = std::string(text.substr(6));
  if (!architecture) return std::nullopt;
  machine.facts.machine = machine.platform_machine = *architecture;
  machine.facts.armhf = *architecture == "armv7l";
  return machine;
}

std::optional<Machine> mac_machine(std::string_view text) {
  Machine machine;
  machine.sys_platform = "darwin";
  machine.facts.os = Os::macos;
  if (!text.starts_with("macosx_")) return std::nullopt;
  const auto architecture = take_version(text.substr(7), machine.facts.macos_major, machine.facts.macos_minor);
  if (architecture != "arm64" && architecture != "x86_64") return std::nullopt;
  machine.facts.machine = machine.platform_machine = *architecture;
  return machine;
}

std::optional<Machine> windows_machine(std::string_view text) {
  constexpr std::array<std::array<std::string_view, 2>, 3> kKnown{
      {{"win_amd64", "AMD64"}, {"win_arm64", "ARM64"}, {"win32", "x86"}}};
  for (const auto& [tag, name] : kKnown) {
    if (text != tag) continue;
    Machine machine;
    machine.sys_platform = "win32";
    machine.platform_machine = std::string(name);
    machine.facts.os = Os::windows;
    machine.facts.platform_string = std::string(tag);
    return machine;
  }
  return std::nullopt;
}

Result<resolver::RequiredEnvironment> of_tag(std::string_view text) {
  const auto modern = modern_manylinux(text);
  auto machine = linux_machine(modern);
  if (!machine) machine = mac_machine(modern);
  if (!machine) machine = windows_machine(modern);
  if (!machine) {
    return make_error(ErrorKind::bad_data, cat(quote(text), " is no platform tag of Linux, macOS or Windows"),
                      "a marker, `common`, or a tag such as `manylinux_2_17_x86_64`, `musllinux_1_1_x86_64`, "
                      "`macosx_11_0_arm64`, `win_amd64`");
  }
  resolver::RequiredEnvironment environment;
  environment.name = std::string(text);
  PKG_TRY_ASSIGN(environment.marker,
                 pep::Marker::parse(cat("sys_platform == \"", machine->sys_platform, "\" and platform_machine == \"",
                                        machine->platform_machine, "\"")));
  environment.platforms = pep::platform_tags(machine->facts);
  if (environment.platforms.empty()) return make_error(ErrorKind::bad_data, cat("no wheel can be for ", quote(text)));
  return environment;
}

}  // namespace

Result<std::vector<resolver::RequiredEnvironment>> required_environments(std::string_view text) {
  std::vector<resolver::RequiredEnvironment> environments;
  if (text == "common") {
    for (const auto tag : kCommon) {
      PKG_TRY_ASSIGN(auto environment, of_tag(tag));
      environment.wished = true;
      environments.push_back(std::move(environment));
    }
  } else if (is_tag_text(text)) {
    PKG_TRY_ASSIGN(auto environment, of_tag(text));
    environments.push_back(std::move(environment));
  } else {
    PKG_TRY_ASSIGN(auto marker, pep::Marker::parse(text));
    environments.push_back({std::string(text), std::move(marker), {}});
  }
  return environments;
}

}  // namespace pkg::ops
