#pragma once
// A requirements file's bytes as logical lines: decoding, continuations, comments and variables, the way pip does it.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "pep/requirements_txt.h"

namespace pkg::pep {

struct LogicalLine {
  std::string text;  // not empty; no white space around it
  int number = 0;    // of its first physical line, from 1
};

// UTF-8, or what a byte order mark or a coding comment says (UTF-8, UTF-16, Latin-1, ASCII); as UTF-8. bad_data
// otherwise.
Result<std::string> decode_requirements(std::string_view bytes);
std::vector<LogicalLine> logical_lines(std::string_view text, const EnvironmentLookup& environment);

// Splits at white space with POSIX shell quoting; nullopt when a quote is not closed.
std::optional<std::vector<std::string>> shell_words(std::string_view text);

}  // namespace pkg::pep
