#pragma once
// The tags in a wheel's file name, as views: no more than is needed to rank it and to tell where it may be installed.

#include <optional>
#include <string_view>

namespace pkg::resolver {

struct WheelTags {
  std::string_view interpreters, abis, platforms;
  bool has_build = false;
};

// The parts of "name-version[-build]-interpreters-abis-platforms.whl"; nullopt: no such name. The views are of `file_name`.
std::optional<WheelTags> wheel_tags(std::string_view file_name);

}  // namespace pkg::resolver
