#pragma once
// Inline script metadata: the "# /// script" block (PEP 723).

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pkg::pep {

// The TOML text of the block; nullopt when the script has none; bad_data when it has two or an unclosed one is nested
// wrongly.
Result<std::optional<std::string>> script_block(std::string_view script_text);
// The script with another text in its block; where it has none, one is put in front, behind a "#!" line. `toml` ends
// with a newline or is empty. bad_data as above.
Result<std::string> with_script_block(std::string_view script_text, std::string_view toml);

}  // namespace pkg::pep
