#include "ops/migrate/setup_cfg.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace pkg::ops {
namespace {

constexpr std::size_t kMostSections = 1000, kMostEntries = 10'000;

bool is_comment(std::string_view content) { return content.starts_with('#') || content.starts_with(';'); }

std::string key_of(std::string_view text) {
  auto key = to_ascii_lower(trim(text));
  std::ranges::replace(key, '-', '_');
  return key;
}

}  // namespace

const CfgEntry* CfgSection::get(std::string_view key) const {
  const auto found =
      std::find_if(entries.rbegin(), entries.rend(), [&](const CfgEntry& one) { return one.key == key; });
  return found == entries.rend() ? nullptr : &*found;
}

const CfgSection* SetupCfg::section(std::string_view name) const {
  const auto found = std::ranges::find(sections_, name, &CfgSection::name);
  return found == sections_.end() ? nullptr : &*found;
}

Result<SetupCfg> SetupCfg::parse(std::string_view text, const std::string& file_name) {
  SetupCfg cfg;
  CfgSection* section = nullptr;
  bool has_key = false;
  std::size_t entries = 0;
  int number = 0;
  const auto wrong = [&](std::string_view what) {
    return make_error(ErrorKind::bad_data, cat(file_name, ":", number, ": ", what));
  };
  for (const auto line : split_lines(text)) {
    ++number;
    const auto content = trim(line);
    if (content.empty() || is_comment(content)) continue;
    if (is_ascii_space(line.front()) && has_key) {
      auto& value = section->entries.back().value;
      append(value, value.empty() ? "" : "\n", content);
      continue;
    }
    if (content.front() == '[' && content.back() == ']') {
      const auto name = content.substr(1, content.size() - 2);
      has_key = false;
      const auto found = std::ranges::find(cfg.sections_, name, &CfgSection::name);
      if (found == cfg.sections_.end()) {
        if (cfg.sections_.size() == kMostSections) return wrong(cat("more than ", kMostSections, " sections"));
        cfg.sections_.push_back({std::string(name), {}});
        section = &cfg.sections_.back();
      } else {
        section = &*found;
      }
      continue;
    }
    const auto separator = content.find_first_of("=:");
    if (section == nullptr || separator == std::string_view::npos || separator == 0)
      return wrong(cat("expected `key = value` below a [section], found ", quote(content)));
    if (++entries > kMostEntries) return wrong(cat("more than ", kMostEntries, " keys"));
    section->entries.push_back(
        {key_of(content.substr(0, separator)), std::string(trim(content.substr(separator + 1))), number});
    has_key = true;
  }
  return cfg;
}

std::vector<std::string> cfg_list(std::string_view value, char separator) {
  std::vector<std::string> items;
  for (const auto piece : split(value, value.find('\n') == std::string_view::npos ? separator : '\n'))
    if (!trim(piece).empty()) items.emplace_back(trim(piece));
  return items;
}

std::vector<std::pair<std::string, std::string>> cfg_pairs(std::string_view value) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const auto& line : cfg_list(value, ',')) {
    const auto equals = line.find('=');
    if (equals == std::string::npos) continue;
    pairs.emplace_back(trim(std::string_view(line).substr(0, equals)), trim(std::string_view(line).substr(equals + 1)));
  }
  return pairs;
}

}  // namespace pkg::ops
