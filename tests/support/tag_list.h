#pragma once
// A compressed tag set ("py2.py3-none-any"), as file names carry it, as the list of tags that it stands for.

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "pep/tags.h"

namespace pkg::test {

inline bool is_identifier(std::string_view text) {
  return !text.empty() && !is_ascii_digit(text[0]) &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_ascii_alnum(c) || c == '_'; });
}

// All combinations, lower-case, sorted, without duplicates; nullopt: it is no such set, or stands for too many tags.
inline std::optional<std::vector<pep::Tag>> tags_of_set(std::string_view text) {
  const std::string lower = to_ascii_lower(text);
  const auto parts = split(lower, '-');
  if (parts.size() != 3) return std::nullopt;
  const auto interpreters = split(parts[0], '.'), abis = split(parts[1], '.'), platforms = split(parts[2], '.');
  constexpr std::size_t kMaxTags = 100'000;
  if (interpreters.size() * abis.size() * platforms.size() > kMaxTags) return std::nullopt;
  std::vector<pep::Tag> tags;
  for (const auto interpreter : interpreters)
    for (const auto abi : abis)
      for (const auto platform : platforms) {
        if (!is_identifier(interpreter) || abi.empty() || platform.empty()) return std::nullopt;
        tags.push_back({std::string(interpreter), std::string(abi), std::string(platform)});
      }
  std::sort(tags.begin(), tags.end());
  tags.erase(std::unique(tags.begin(), tags.end()), tags.end());
  return tags;
}

}  // namespace pkg::test
