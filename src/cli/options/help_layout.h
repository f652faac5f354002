#pragma once
// Help texts on a page of a certain width: names in a column on the left, what they mean beside them, wrapped between
// words.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace pkg::cli {

struct HelpEntry {
  std::string name;  // "-p, --python PATH|VERSION"
  std::string text;
};
struct HelpGroup {
  std::string title;
  std::vector<HelpEntry> entries;
};
struct HelpPage {
  std::string description, usage, example;
  std::vector<HelpGroup> groups;  // in the order in which they are shown; one without entries is not
};

// Where the text of an entry begins, when the page is wide enough for two columns.
inline constexpr std::size_t kHelpColumn = 30, kVerbColumn = 14;

// `text` in lines of at most `width` columns, the second and later ones indented by `indent`; no word is broken. Ends
// without a line end. ASCII.
std::string wrapped(std::string_view text, std::size_t width, std::size_t indent);
// One line end after each line. On a page too narrow for two columns the text follows below its name.
std::string entries_text(const std::vector<HelpEntry>& entries, std::size_t text_column, std::size_t width);
std::string help_text(const HelpPage& page, std::size_t width);

}  // namespace pkg::cli
