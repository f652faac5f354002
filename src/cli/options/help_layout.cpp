#include "cli/options/help_layout.h"

#include "base/text.h"

namespace pkg::cli {
namespace {

// Fewer columns for a text than this, and it stands below its name.
constexpr std::size_t kNarrowestText = 25, kIndentBelow = 6;

}  // namespace

std::string wrapped(std::string_view text, std::size_t width, std::size_t indent) {
  std::string lines;
  std::size_t column = 0;
  for (const auto word : split_words(text)) {
    if (!lines.empty() && column + 1 + word.size() <= width) {
      lines += ' ';
      ++column;
    } else if (!lines.empty()) {
      lines += '\n';
      lines.append(indent, ' ');
      column = indent;
    } else {
      column = indent;
    }
    lines += word;
    column += word.size();
  }
  return lines;
}

std::string entries_text(const std::vector<HelpEntry>& entries, std::size_t text_column, std::size_t width) {
  const bool is_narrow = width < text_column + kNarrowestText;
  const std::size_t column = is_narrow ? kIndentBelow : text_column;
  std::string lines;
  for (const auto& [name, text] : entries) {
    append(lines, "  ", name);
    const auto end = name.size() + 2;
    if (is_narrow || end + 2 > column)
      append(lines, '\n', std::string(column, ' '));
    else
      lines.append(column - end, ' ');
    append(lines, wrapped(text, width, column), '\n');
  }
  return lines;
}

std::string help_text(const HelpPage& page, std::size_t width) {
  auto text = cat(wrapped(page.description, width, 0), "\n\nUsage: ", page.usage, '\n');
  for (const auto& group : page.groups) {
    if (!group.entries.empty()) append(text, '\n', group.title, ":\n", entries_text(group.entries, kHelpColumn, width));
  }
  if (!page.example.empty()) append(text, "\nExample: ", page.example, '\n');
  return text;
}

}  // namespace pkg::cli
