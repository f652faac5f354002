#pragma once
// The lines of a pinned requirements file, whatever they are made of.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pkg::lock {

struct PinnedLine {
  std::string requirement;           // "name==1.0", "name @ URL", "-e ./path"
  std::string marker;                // empty: none
  std::vector<std::string> hashes;   // "sha256:…"
  std::vector<std::string> parents;  // who asked for it, for "# via"
};

// Where "# via" stands: below the requirement, one a line where there are several; or behind it, all in one.
enum class AnnotationStyle : std::uint8_t { split, line };

// `header`: comment lines at the top, without "# ". `options`: lines of options behind it ("--index-url …"). Hashes and
// parents are written sorted, without duplicates.
std::string requirements_lines(std::vector<PinnedLine> lines, std::string_view header,
                               AnnotationStyle style = AnnotationStyle::split,
                               const std::vector<std::string>& options = {});

}  // namespace pkg::lock
