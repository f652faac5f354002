#pragma once
// Where a piece of text came from, so that a message can say it: "pyproject.toml:12", "the command line",
// "requirements.txt:3".

#include <string>
#include <string_view>

namespace pkg {

//   file    as the user named it; empty for the command line and other non-files
//   what    used when file is empty: "the command line", "installed", "the lock file"
//   line    1-based, 0 when unknown;  column 1-based byte column, 0 when unknown
struct Origin {
  std::string file;
  std::string what;
  int line = 0;
  int column = 0;

  std::string to_string() const;  // "requirements.txt:3" or "the command line"
  bool operator==(const Origin&) const = default;
  static Origin command_line() { return {.file = {}, .what = "the command line"}; }
};

// Two lines, for error contexts: the text and a caret under `offset` (bytes into `text`); control characters made
// visible, tabs as spaces.
std::string caret(std::string_view text, std::size_t offset);

}  // namespace pkg
