#include "cli/config/ini.h"

#include <algorithm>

#include "base/text.h"
#include "ops/session/setting_table.h"

namespace pkg::cli {

std::string canonical_key(std::string_view key) {
  auto text = to_ascii_lower(key);
  std::ranges::replace(text, '_', '-');
  while (text.starts_with('-')) text.erase(0, 1);
  const auto* setting = ops::find_setting(text);
  return setting == nullptr ? text : std::string(setting->name);
}

Result<std::vector<IniEntry>> parse_ini(std::string_view text, const std::string& file_name) {
  std::vector<IniEntry> entries;
  std::string section;
  int line_number = 0;
  for (const auto line : split_lines(text)) {
    ++line_number;
    const auto content = trim(line);
    if (content.empty() || content[0] == '#' || content[0] == ';') continue;
    if (is_ascii_space(line[0]) && !entries.empty()) {
      append(entries.back().value, "\n", content);
      continue;
    }
    if (content[0] == '[' && content.back() == ']') {
      section = std::string(content.substr(1, content.size() - 2));
      continue;
    }
    const auto separator = content.find_first_of("=:");
    if (separator == std::string_view::npos || section.empty()) {
      return make_error(ErrorKind::bad_data, cat(file_name, ":", line_number,
                                                 ": expected `key = value` below a [section], found ", quote(content)));
    }
    entries.push_back({section, canonical_key(trim(content.substr(0, separator))),
                       std::string(trim(content.substr(separator + 1))), line_number});
  }
  return entries;
}

}  // namespace pkg::cli
