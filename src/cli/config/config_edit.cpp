#include "cli/config/config_edit.h"

#include <utility>
#include <vector>

#include "base/text.h"

namespace pkg::cli {
namespace {

// Where a key stands: lines [first, last), and where its section ends (for adding to it). npos: not there.
struct Place {
  static constexpr std::size_t npos = static_cast<std::size_t>(-1);
  std::size_t first = npos, last = npos, section_end = npos;
};

bool same_key(std::string_view a, std::string_view b) {
  return replace_all(to_ascii_lower(a), "_", "-") == replace_all(to_ascii_lower(b), "_", "-");
}

Place find_key(const std::vector<std::string_view>& lines, std::string_view section, std::string_view key) {
  Place place;
  bool inside = false, continues = false;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto content = trim(lines[i]);
    if (content.starts_with('[') && content.ends_with(']')) {
      inside = content.substr(1, content.size() - 2) == section;
      continues = false;
      if (inside) place.section_end = i + 1;
      continue;
    }
    if (!inside || content.empty()) continue;
    place.section_end = i + 1;
    if (is_ascii_space(lines[i][0])) {
      if (continues) place.last = i + 1;
      continue;
    }
    const auto separator = content.find_first_of("=:");
    continues = content[0] != '#' && content[0] != ';' && separator != std::string_view::npos &&
                same_key(trim(content.substr(0, separator)), key);
    if (continues) {
      place.first = i;
      place.last = i + 1;
    }
  }
  return place;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) append(text, line, "\n");
  return text;
}

}  // namespace

std::string ini_with(std::string_view text, std::string_view section, std::string_view key, std::string_view value) {
  const auto lines = split_lines(text);
  const auto place = find_key(lines, section, key);
  std::vector<std::string> result(lines.begin(), lines.end());
  auto line = cat(key, " = ", value);
  const auto at = [&](std::size_t i) { return result.begin() + static_cast<std::ptrdiff_t>(i); };
  if (place.first != Place::npos) {
    result.erase(at(place.first), at(place.last));
    result.insert(at(place.first), std::move(line));
  } else if (place.section_end != Place::npos) {
    result.insert(at(place.section_end), std::move(line));
  } else {
    result.push_back(cat("[", section, "]"));
    result.push_back(std::move(line));
  }
  return joined(result);
}

std::string ini_without(std::string_view text, std::string_view section, std::string_view key) {
  const auto lines = split_lines(text);
  const auto place = find_key(lines, section, key);
  if (place.first == Place::npos) return std::string(text);
  std::vector<std::string> result(lines.begin(), lines.end());
  result.erase(result.begin() + static_cast<std::ptrdiff_t>(place.first),
               result.begin() + static_cast<std::ptrdiff_t>(place.last));
  return joined(result);
}

}  // namespace pkg::cli
