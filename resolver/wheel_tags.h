#pragma once
// The tags in a wheel's file name, as views: no more than is needed to rank it and to tell where it may be installed.

#include <cstddef>
#include <optional>
#include <string_view>

namespace pkg::resolver {

struct WheelTags {
  std::string_view interpreters, abis, platforms;
  bool has_build = false;
};

// Tens of thousands of names are looked at when old releases are searched for a platform's files: these two are for
// there.
inline bool is_wheel_name(std::string_view file_name) {
  return file_name.size() > 4 && file_name.substr(file_name.size() - 4) == ".whl";
}
std::size_t last_dash(std::string_view text);  // npos: none

// The parts of "name-version[-build]-interpreters-abis-platforms[-label].whl"; nullopt: no such name. The views are of
// `file_name`.
std::optional<WheelTags> wheel_tags(std::string_view file_name);

}  // namespace pkg::resolver
