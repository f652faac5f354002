#include "pep/script_block.h"

#include <vector>

#include "base/text.h"

namespace pkg::pep {

namespace {

constexpr std::string_view kEnd = "# ///";

bool is_block_line(std::string_view line) { return line == "#" || line.starts_with("# "); }

// The type named by a "# /// type" line; empty when it is none.
std::string_view opened_type(std::string_view line) {
  if (!line.starts_with("# /// ")) return {};
  const std::string_view type = line.substr(6);
  for (const char c : type) {
    if (!is_ascii_alnum(c) && c != '-') return {};
  }
  return type;
}

// The line that closes the block opened at `start`: the last "# ///" of the comment lines that follow, so that a block may speak of blocks.
// 0 when there is none: an unclosed block is no block.
std::size_t closing_line(const std::vector<std::string_view>& lines, std::size_t start) {
  std::size_t end = 0;
  for (std::size_t i = start + 1; i < lines.size() && is_block_line(lines[i]); ++i) {
    if (lines[i] == kEnd && i > start + 1) end = i;
  }
  return end;
}

std::string content(const std::vector<std::string_view>& lines, std::size_t begin, std::size_t end) {
  std::string out;
  for (std::size_t i = begin; i < end; ++i) append(out, lines[i].substr(lines[i].size() > 1 ? 2 : 1), '\n');
  return out;
}

}  // namespace

Result<std::optional<std::string>> script_block(std::string_view script_text) {
  const std::vector<std::string_view> lines = split_lines(script_text);
  std::optional<std::string> found;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string_view type = opened_type(lines[i]);
    if (type.empty()) continue;
    const std::size_t end = closing_line(lines, i);
    if (end == 0) continue;
    if (type == "script") {
      if (found)
        return make_error(ErrorKind::bad_data, cat("line ", i + 1, " begins a second `# /// script` block: a script has at most one"));
      found = content(lines, i + 1, end);
    }
    i = end;
  }
  return found;
}

}  // namespace pkg::pep
