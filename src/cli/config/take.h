#pragma once
// A setting as the default of an option: taken before the command line is parsed, so that flags win.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/config/config.h"

namespace pkg::cli {

inline void take(const Config& config, std::string_view key, std::string& value) {
  if (auto text = config.text(key)) value = std::move(*text);
}
inline void take(const Config& config, std::string_view key, std::vector<std::string>& values) {
  if (const auto* setting = config.find(key)) values = setting->values;
}
inline void take(const Config& config, std::string_view key, bool& value) {
  if (config.find(key) != nullptr) value = config.flag(key);
}

}  // namespace pkg::cli
