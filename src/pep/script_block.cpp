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

// The line that closes the block opened at `start`: the last "# ///" of the comment lines that follow, so that a block
// may speak of blocks. 0 when there is none: an unclosed block is no block.
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

// The lines of the block, its first and last line left out.
struct Block {
  std::size_t begin = 0, end = 0;
};

Result<std::optional<Block>> find_block(const std::vector<std::string_view>& lines) {
  std::optional<Block> found;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string_view type = opened_type(lines[i]);
    if (type.empty()) continue;
    const std::size_t end = closing_line(lines, i);
    if (end == 0) continue;
    if (type == "script") {
      if (found)
        return make_error(ErrorKind::bad_data,
                          cat("line ", i + 1, " begins a second `# /// script` block: a script has at most one"));
      found = Block{i + 1, end};
    }
    i = end;
  }
  return found;
}

std::string as_comment(std::string_view toml, std::string_view newline) {
  std::string out;
  for (const auto line : split_lines(toml)) append(out, line.empty() ? "#" : "# ", line, newline);
  return out;
}

// The text of lines [0, count) ends here.
std::size_t offset_of(std::string_view text, const std::vector<std::string_view>& lines, std::size_t count) {
  return count < lines.size() ? static_cast<std::size_t>(lines[count].data() - text.data()) : text.size();
}

}  // namespace

Result<std::optional<ScriptBlock>> script_block(std::string_view script_text) {
  const std::vector<std::string_view> lines = split_lines(script_text);
  PKG_TRY_ASSIGN(const auto block, find_block(lines));
  if (!block) return std::nullopt;
  return std::optional(ScriptBlock{content(lines, block->begin, block->end), static_cast<int>(block->begin) + 1});
}

Result<toml::Value> parse_block(const ScriptBlock& block, std::string_view file_name) {
  const std::string before(static_cast<std::size_t>(block.first_line - 1), '\n');
  auto root = toml::parse(cat(before, block.toml), file_name);
  if (root) return root;
  // Once more as it stands in the script, so that the column is right. Strings over several lines would change by it.
  auto shown = before;
  for (const auto line : split_lines(block.toml)) append(shown, "  ", line, '\n');
  auto same = toml::parse(shown, file_name);
  return same ? std::move(root) : std::move(same);
}

Result<std::string> with_script_block(std::string_view script_text, std::string_view toml) {
  const std::vector<std::string_view> lines = split_lines(script_text);
  const auto newline = std::string_view(script_text.find("\r\n") != std::string_view::npos ? "\r\n" : "\n");
  PKG_TRY_ASSIGN(const auto block, find_block(lines));
  const auto text = as_comment(toml, newline);
  if (block) {
    const auto begin = offset_of(script_text, lines, block->begin), end = offset_of(script_text, lines, block->end);
    return cat(script_text.substr(0, begin), text, script_text.substr(end));
  }
  const bool has_shebang = !lines.empty() && lines.front().starts_with("#!");
  const auto at = has_shebang ? offset_of(script_text, lines, 1) : 0;
  const bool needs_newline = at > 0 && script_text[at - 1] != '\n';
  return cat(script_text.substr(0, at), needs_newline ? newline : "", "# /// script", newline, text, kEnd, newline,
             at < script_text.size() ? newline : "", script_text.substr(at));
}

}  // namespace pkg::pep
