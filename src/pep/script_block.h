#pragma once
// Inline script metadata: the "# /// script" block (PEP 723).

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pkg::pep {

// The TOML text of the block; nullopt when the script has none; bad_data when it has two or an unclosed one is nested wrongly.
Result<std::optional<std::string>> script_block(std::string_view script_text);

}  // namespace pkg::pep
