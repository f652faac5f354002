#include "resolver/wheel_tags.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace pkg::resolver {

std::size_t last_dash(std::string_view text) {
#ifdef __APPLE__  // has no memrchr, which is faster
  return text.rfind('-');
#else
  const void* const at = ::memrchr(text.data(), '-', text.size());
  return at == nullptr ? std::string_view::npos : static_cast<std::size_t>(static_cast<const char*>(at) - text.data());
#endif
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
  const auto dashes = std::count(file_name.begin(), file_name.end(), '-');
  if (dashes < 2) return tags;
  // "name-version-build", or "name-version[-build]-interpreters": a wheel variant, whose label is the last part.
  const std::size_t third = file_name.find('-', file_name.find('-') + 1) + 1;
  tags.has_build = third < file_name.size() && file_name[third] >= '0' && file_name[third] <= '9';
  if (dashes == 2 && (tags.has_build || tags.abis == "none")) {  // no platform is called "none"
    tags.has_build = true;
    return tags;
  }
  tags.platforms =
      std::exchange(tags.abis, std::exchange(tags.interpreters, file_name.substr(last_dash(file_name) + 1)));
  return tags;
}

}  // namespace pkg::resolver
