#pragma once
// pylock.toml: text to LockFile and back (PEP 751, pylock-toml spec).

#include <string>
#include <string_view>

#include "base/result.h"
#include "lock/lock_file.h"

namespace pkg::lock {

bool is_lock_file_name(std::string_view file_name);  // "pylock.toml", "pylock.NAME.toml"

// bad_data with file:line for what breaks the standard, unsupported for a lock-version that is not 1.x. Unknown keys
// are ignored.
Result<LockFile> parse_pylock(std::string_view text, const std::string& file_name);

// The same file gives the same bytes. Ends with [tool.pkg], when there is one, whose last key is the digest of
// everything before it.
std::string write_pylock(const LockFile& lock);

// The inputs' digest of a lock that pkg wrote, found without parsing the file; empty: not one of ours, or changed by
// hand since (the digest of its text no longer fits).
std::string quick_inputs_digest(std::string_view text);

}  // namespace pkg::lock
