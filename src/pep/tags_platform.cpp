// Platform tags of each system, best first (PEP 425, 513, 571, 599, 600, 656, 730, 738, 783; platform tags spec).

#include <algorithm>
#include <array>

#include "base/text.h"
#include "pep/tags.h"

namespace pkg::pep {
namespace {

using Tags = std::vector<std::string>;

std::string with_underscores(std::string_view text) {
  std::string out(text);
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c == '-' || c == '.' || c == ' '; }, '_');
  return out;
}

// The architectures whose wheels run: that of the interpreter, and armv7l on armv8l.
Tags linux_architectures(const PlatformFacts& platform) {
  std::string machine = platform.machine;
  if (platform.is_32bit && machine == "x86_64") machine = "i686";
  if (platform.is_32bit && machine == "aarch64") machine = "armv8l";
  if (machine == "armv8l") return {"armv8l", "armv7l"};
  return {machine};
}

bool has_manylinux(const PlatformFacts& platform, std::span<const std::string> architectures) {
  static constexpr std::array<std::string_view, 7> kKnown = {"x86_64", "aarch64",     "ppc64",  "ppc64le",
                                                             "s390x",  "loongarch64", "riscv64"};
  return std::any_of(architectures.begin(), architectures.end(), [&platform](std::string_view architecture) {
    if (architecture == "armv7l") return platform.armhf;
    if (architecture == "i686") return !platform.foreign_elf;
    return std::find(kKnown.begin(), kKnown.end(), architecture) != kKnown.end();
  });
}

// The year names that PEP 600 gave to three of its versions.
std::string_view legacy_manylinux(int glibc_minor) {
  switch (glibc_minor) {
    case 17:
      return "manylinux2014_";
    case 12:
      return "manylinux2010_";
    case 5:
      return "manylinux1_";
    default:
      return {};
  }
}

void add_manylinux(Tags& tags, const PlatformFacts& platform, std::span<const std::string> architectures) {
  if (platform.glibc_major < 2 || !has_manylinux(platform, architectures)) return;
  constexpr int kLastMinorOfOlderMajors = 50;  // an upper bound for glibc 2.x once there is a glibc 3
  for (const std::string& architecture : architectures) {
    const int oldest = architecture == "x86_64" || architecture == "i686" ? 5 : 17;
    for (int major = platform.glibc_major; major >= 2; --major) {
      const int newest_minor = major == platform.glibc_major ? platform.glibc_minor : kLastMinorOfOlderMajors;
      for (int minor = newest_minor; minor >= (major == 2 ? oldest : 0); --minor) {
        tags.push_back(cat("manylinux_", major, '_', minor, '_', architecture));
        const auto legacy = major == 2 ? legacy_manylinux(minor) : std::string_view();
        if (!legacy.empty()) tags.push_back(cat(legacy, architecture));
      }
    }
  }
}

void add_musllinux(Tags& tags, const PlatformFacts& platform, std::span<const std::string> architectures) {
  if (platform.musl_major == 0) return;
  for (const std::string& architecture : architectures) {
    for (int minor = platform.musl_minor; minor >= 0; --minor)
      tags.push_back(cat("musllinux_", platform.musl_major, '_', minor, '_', architecture));
  }
}

Tags linux_tags(const PlatformFacts& platform) {
  if (platform.machine.empty()) return {with_underscores(platform.platform_string)};
  const Tags architectures = linux_architectures(platform);
  Tags tags;
  for (const std::string& architecture : architectures) tags.push_back(cat("linux_", architecture));
  add_manylinux(tags, platform, architectures);
  add_musllinux(tags, platform, architectures);
  return tags;
}

// The kinds of binaries that a Mac of this version and processor runs.
Tags mac_formats(int major, int minor, std::string_view machine) {
  const bool ten = major == 10;
  if (ten && minor < 4 && machine != "ppc") return {};
  Tags formats;
  if (machine == "x86_64")
    formats = {"x86_64", "intel", "fat64", "fat3"};
  else if (machine == "i386")
    formats = {"i386", "intel", "fat3", "fat"};
  else if (machine == "ppc64" && ten && minor <= 5)
    formats = {"ppc64", "fat64"};
  else if (machine == "ppc" && ten && minor <= 6)
    formats = {"ppc", "fat3", "fat"};
  else if (machine == "arm64")
    formats = {"arm64"};
  else
    return {};
  if (machine == "arm64" || machine == "x86_64") formats.emplace_back("universal2");
  if (machine != "arm64") formats.emplace_back("universal");
  return formats;
}

void add_macos(Tags& tags, int major, int minor, std::span<const std::string> formats) {
  for (const std::string& format : formats) tags.push_back(cat("macosx_", major, '_', minor, '_', format));
}

Tags macos_tags(const PlatformFacts& platform) {
  Tags tags;
  if (platform.macos_major == 10) {
    for (int minor = platform.macos_minor; minor >= 0; --minor)
      add_macos(tags, 10, minor, mac_formats(10, minor, platform.machine));
    return tags;
  }
  const Tags newer = mac_formats(platform.macos_major, 0, platform.machine);
  for (int major = platform.macos_major; major >= 11; --major) add_macos(tags, major, 0, newer);
  // macOS 11 and later run what was built for 10.x: on arm64 only as universal2.
  const bool arm = platform.machine == "arm64";
  const Tags universal2 = {"universal2"};
  if (platform.macos_major >= 11 && (arm || platform.machine == "x86_64")) {
    for (int minor = 16; minor >= 4; --minor)
      add_macos(tags, 10, minor, arm ? universal2 : mac_formats(10, minor, platform.machine));
  }
  return tags;
}

Tags ios_tags(const PlatformFacts& platform) {
  constexpr int kOldest = 12, kLastMinorOfOlderMajors = 9;
  const std::string multiarch = with_underscores(platform.ios_multiarch);
  Tags tags;
  for (int major = platform.ios_major; major >= kOldest; --major) {
    for (int minor = major == platform.ios_major ? platform.ios_minor : kLastMinorOfOlderMajors; minor >= 0; --minor)
      tags.push_back(cat("ios_", major, '_', minor, '_', multiarch));
  }
  return tags;
}

Tags android_tags(const PlatformFacts& platform) {
  constexpr int kOldestApiLevel = 16;
  const std::string abi = with_underscores(platform.android_abi);
  Tags tags;
  for (int level = platform.android_api_level; level >= kOldestApiLevel; --level)
    tags.push_back(cat("android_", level, '_', abi));
  return tags;
}

Tags other_tags(const PlatformFacts& platform) {
  Tags tags;
  if (!platform.pyemscripten.empty())
    tags.push_back(cat("pyemscripten_", with_underscores(platform.pyemscripten), "_wasm32"));
  tags.push_back(with_underscores(platform.platform_string));
  return tags;
}

// Facts may come from a file: no version number in them may make a list endless.
PlatformFacts within_reason(PlatformFacts platform) {
  constexpr int kMax = 999;
  for (int* number :
       {&platform.glibc_major, &platform.glibc_minor, &platform.musl_major, &platform.musl_minor, &platform.macos_major,
        &platform.macos_minor, &platform.ios_major, &platform.ios_minor, &platform.android_api_level})
    *number = std::min(*number, kMax);
  return platform;
}

}  // namespace

std::vector<std::string> platform_tags(const PlatformFacts& facts) {
  const PlatformFacts platform = within_reason(facts);
  switch (platform.os) {
    case PlatformFacts::Os::linux_:
      return linux_tags(platform);
    case PlatformFacts::Os::macos:
      return macos_tags(platform);
    case PlatformFacts::Os::ios:
      return ios_tags(platform);
    case PlatformFacts::Os::android:
      return android_tags(platform);
    case PlatformFacts::Os::windows:
    case PlatformFacts::Os::other:
      return other_tags(platform);
  }
  return {};
}

}  // namespace pkg::pep
