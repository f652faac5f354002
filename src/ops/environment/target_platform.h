#pragma once
// --python-platform: what a resolution or an export is for when it is not this machine.

#include <string>
#include <vector>

#include "base/result.h"
#include "pep/environment.h"

namespace pkg::ops {

struct TargetPlatform {
  std::string os_name, sys_platform, platform_system, platform_machine;
  std::vector<std::string> tags;  // platform tags, best first

  void apply_to(pep::Environment& environment) const;  // what cannot be known (release, version) becomes empty
};

// A platform tag ("manylinux_2_28_x86_64"), a short name ("linux", "macos", "windows") or a target triple as compilers
// call it
// ("aarch64-apple-darwin", "x86_64-unknown-linux-musl", "x86_64-manylinux_2_28"). bad_data: anything else.
Result<TargetPlatform> parse_target_platform(const std::string& text);

}  // namespace pkg::ops
