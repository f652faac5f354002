#include "cli/output/shortened.h"

#include "base/text.h"

namespace pkg::cli {
namespace {

constexpr std::size_t kLongest = 2000, kBeginning = 1400, kEnd = 400;

bool is_inside_sequence(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

}  // namespace

std::string shortened(std::string_view line) {
  if (line.size() <= kLongest) return std::string(line);
  auto beginning = kBeginning, end = line.size() - kEnd;
  while (beginning > 0 && is_inside_sequence(line[beginning])) --beginning;
  while (end < line.size() && is_inside_sequence(line[end])) ++end;
  return cat(line.substr(0, beginning), " [", end - beginning, " bytes left out] ", line.substr(end));
}

}  // namespace pkg::cli
