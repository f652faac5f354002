#include "resolver/wheel_tags.h"

#include <algorithm>

namespace pkg::resolver {

std::optional<WheelTags> wheel_tags(std::string_view file_name) {
  if (!file_name.ends_with(".whl")) return std::nullopt;
  file_name.remove_suffix(4);
  WheelTags tags;
  for (std::string_view* const part : {&tags.platforms, &tags.abis, &tags.interpreters}) {
    const std::size_t dash = file_name.rfind('-');
    if (dash == std::string_view::npos) return std::nullopt;
    *part = file_name.substr(dash + 1);
    file_name = file_name.substr(0, dash);
  }
  tags.has_build = std::count(file_name.begin(), file_name.end(), '-') > 1;
  return tags;
}

}  // namespace pkg::resolver
