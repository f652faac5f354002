#pragma once
// The lines at the bottom of a terminal that are drawn over as work goes on. As bytes for a terminal; who writes them
// is not said here.

#include <cstddef>
#include <string>
#include <vector>

#include "cli/output/output.h"

namespace pkg::cli {

class LiveArea {
 public:
  // The most columns that a line may take in a window of that size.
  static std::size_t width(TerminalSize size);
  // The bytes that put `lines` in the place of those drawn before: each in a row of its own, cut where the window is
  // too narrow, and no more of them than it has rows; the last then says how many there are besides.
  std::string draw(const std::vector<Text>& lines, TerminalSize size);
  // The bytes that take away what was drawn, with the cursor where the first line began; empty: nothing is there.
  std::string clear();
  bool is_shown() const { return rows_ > 0; }

 private:
  std::string to_the_top() const;
  std::size_t rows_ = 0;  // drawn; the cursor is behind the last
};

}  // namespace pkg::cli
