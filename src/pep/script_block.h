#pragma once
// Inline script metadata: the "# /// script" block (PEP 723).

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/toml.h"

namespace pkg::pep {

struct ScriptBlock {
  std::string toml;    // without the comment signs
  int first_line = 1;  // of the script: where `toml` begins
  bool operator==(const ScriptBlock&) const = default;
};

// nullopt when the script has no block; bad_data when it has two or an unclosed one is nested wrongly.
Result<std::optional<ScriptBlock>> script_block(std::string_view script_text);
// Its tree; lines are those of the script. bad_data, with line and column in the script.
Result<toml::Value> parse_block(const ScriptBlock& block, std::string_view file_name);
// The script with another text in its block; where it has none, one is put in front, behind a "#!" line. `toml` ends
// with a newline or is empty. bad_data as above.
Result<std::string> with_script_block(std::string_view script_text, std::string_view toml);

}  // namespace pkg::pep
