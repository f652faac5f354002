#include "builder/build_log.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/text.h"

namespace pkg::builder {
namespace {

constexpr std::size_t kLongestLine = 400;  // a compiler's command line is longer, and tells nothing at its end

// What names an error, in small letters.
constexpr std::array<std::string_view, 16> kTelling = {
    "error:",          "error[",           "fatal:",      "exception:",
    "not found",       "no such file",     "cannot find", "undefined reference",
    "no module named", "undefined symbol", "failed:",     "command not found",
    "cmake error",     "no space left",    "killed",      "permission denied"};

bool is_telling(std::string_view line) {
  const std::string small = to_ascii_lower(line);
  return std::any_of(kTelling.begin(), kTelling.end(),
                     [&](std::string_view word) { return small.find(word) != std::string::npos; });
}

// Colours say nothing on paper.
std::string without_colours(std::string_view line) {
  std::string out;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\x1b' && i + 1 < line.size() && line[i + 1] == '[') {
      const auto end = line.find_first_not_of("0123456789;:?", i + 2);
      if (end == std::string_view::npos) break;
      i = end;
      continue;
    }
    out.push_back(line[i]);
  }
  return out;
}

std::string shortened(std::string line) {
  if (line.size() <= kLongestLine) return line;
  std::size_t end = kLongestLine;
  while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xC0) == 0x80) --end;
  line.resize(end);
  return line + "…";
}

std::string_view without_end_space(std::string_view line) {
  while (!line.empty() && is_ascii_space(line.back())) line.remove_suffix(1);
  return line;
}

// A frame of a traceback that is in the backend or in Python, not in the source.
bool is_foreign_frame(std::string_view line) {
  const auto text = trim(line);
  if (!text.starts_with("File \"")) return false;
  return text.find("/site-packages/") != std::string_view::npos || text.find("/lib/python") != std::string_view::npos ||
         text.find("/lib/pypy") != std::string_view::npos || text.starts_with("File \"<frozen");
}

std::size_t indentation(std::string_view line) { return line.find_first_not_of(' '); }

// Lines with something on them, without the frames of tracebacks that are not the source's own.
std::vector<std::string_view> lines_worth_reading(std::string_view log) {
  std::vector<std::string_view> lines;
  std::size_t skip_below = std::string_view::npos;  // indentation of the frame that is left out
  for (const auto line : split_lines(log)) {
    if (trim(line).empty()) continue;
    if (skip_below != std::string_view::npos && indentation(line) > skip_below) continue;
    skip_below = is_foreign_frame(line) ? indentation(line) : std::string_view::npos;
    if (skip_below == std::string_view::npos) lines.push_back(without_end_space(line));
  }
  return lines;
}

}  // namespace

std::vector<std::string> telling_lines(std::string_view log, std::size_t limit) {
  const auto lines = lines_worth_reading(log);
  // Half for the first errors, which are mostly the cause of the others; the rest for the end.
  const std::size_t before_end = lines.size() - std::min(lines.size(), limit - limit / 2);
  std::set<std::size_t> chosen;
  std::set<std::string_view> seen;
  for (std::size_t i = 0; lines.size() > limit && i < before_end && chosen.size() < limit / 2; ++i)
    if (is_telling(lines[i]) && seen.insert(lines[i]).second) chosen.insert(i);
  for (std::size_t i = lines.size(); i > 0 && chosen.size() < limit; --i) chosen.insert(i - 1);
  std::vector<std::string> out;
  for (const std::size_t i : chosen) out.push_back(shortened(without_colours(lines[i])));
  return out;
}

}  // namespace pkg::builder
