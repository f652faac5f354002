#pragma once
// Edits of an INI text that leave everything else as it is, comments included.

#include <string>
#include <string_view>

namespace pkg::cli {

// `text` with [section] key = value: replaced where it stands, else added at the end of its section or of the file.
std::string ini_with(std::string_view text, std::string_view section, std::string_view key, std::string_view value);
// `text` without that key (and its continuation lines).
std::string ini_without(std::string_view text, std::string_view section, std::string_view key);

}  // namespace pkg::cli
