#pragma once
// The lines of a pinned requirements file, whatever they are made of.

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

// `header`: comment lines at the top, without "# ". Hashes and parents are written sorted, without duplicates.
std::string requirements_lines(std::vector<PinnedLine> lines, std::string_view header);

}  // namespace pkg::lock
