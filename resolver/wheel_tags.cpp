#include "resolver/wheel_tags.h"

#include <algorithm>
#include <cstring>

namespace pkg::resolver {

std::size_t last_dash(std::string_view text) {
  const void* const at = ::memrchr(text.data(), '-', text.size());
  return at == nullptr ? std::string_view::npos : static_cast<std::size_t>(static_cast<const char*>(at) - text.data());
}

std::optional<WheelTags> wheel_tags(std::string_view file_name) {
  if (!is_wheel_name(file_name)) return std::nullopt;
  file_name.remove_suffix(4);
  WheelTags tags;
  for (std::string_view* const part : {&tags.platforms, &tags.abis, &tags.interpreters}) {
    const std::size_t dash = last_dash(file_name);
    if (dash == std::string_view::npos) return std::nullopt;
    *part = file_name.substr(dash + 1);
    file_name = file_name.substr(0, dash);
  }
  tags.has_build = std::count(file_name.begin(), file_name.end(), '-') > 1;
  return tags;
}

}  // namespace pkg::resolver
