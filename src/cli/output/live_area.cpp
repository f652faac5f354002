#include "cli/output/live_area.h"

#include <algorithm>

#include "base/display_width.h"
#include "base/text.h"

namespace pkg::cli {
namespace {

// A window that is made narrower wraps what is too wide for it, in many terminals, and then more rows are there than
// were drawn: lines that never are very wide make that rare.
constexpr std::size_t kWidest = 100, kUsualColumns = 80, kUsualRows = 24, kMostRows = 16;
// Behind the last line the terminal may show ^C, and a full row would wrap.
constexpr std::size_t kLeftFree = 3;

}  // namespace

std::string LiveArea::to_the_top() const {
  return rows_ > 1 ? cat("\r\033[", rows_ - 1, "A") : std::string(rows_ > 0 ? "\r" : "");
}

std::size_t LiveArea::width(TerminalSize size) {
  const auto columns = std::min(size.columns == 0 ? kUsualColumns : size.columns, kWidest);
  return columns > 2 * kLeftFree ? columns - kLeftFree : 1;
}

std::string LiveArea::draw(const std::vector<Text>& lines, TerminalSize size) {
  if (lines.empty()) return clear();
  const auto room = std::clamp<std::size_t>((size.rows == 0 ? kUsualRows : size.rows) - 1, 1, kMostRows);
  const auto columns = width(size);
  const auto shown = lines.size() <= room ? lines.size() : room - 1;
  std::string bytes = to_the_top();
  std::size_t rows = 0;
  const auto add = [&](std::string_view line) {
    append(bytes, rows++ == 0 ? "" : "\r\n", cut_to_columns(line, columns), "\033[K");
  };
  for (std::size_t i = 0; i < shown; ++i) add(lines[i].str());
  if (shown < lines.size()) add(cat(shown == 0 ? "" : "  ", "and ", lines.size() - shown, " more"));
  if (rows < rows_) bytes += "\033[J";
  rows_ = rows;
  return bytes;
}

std::string LiveArea::clear() {
  if (rows_ == 0) return {};
  auto bytes = to_the_top() + "\033[J";
  rows_ = 0;
  return bytes;
}

}  // namespace pkg::cli
