#pragma once
// One value of a TOML text becomes another, or one more string gets into an array; everything else stays byte for byte.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pkg::pep {

// Keys from the root: {"project", "version"}.
using KeyPath = std::vector<std::string>;

// The string at `path` is `value`, in the quotes that are there. bad_data: no TOML · not_found: nothing is there ·
// unsupported: it is no string, or is written in a way that cannot be edited (an inline table).
Result<std::string> with_string_value(std::string_view text, const KeyPath& path, std::string_view value,
                                      const std::string& file_name);

// The array at `path` has `value` at its end; array and key are made in a table that has a header of its own. Errors as
// above; not_found: there is neither the array nor such a table.
Result<std::string> with_string_item(std::string_view text, const KeyPath& path, std::string_view value,
                                     const std::string& file_name);

}  // namespace pkg::pep
