#pragma once
// The pins of other tools' locks: uv.lock, poetry.lock, pdm.lock, Pipfile.lock. Text in, names and versions out, and
// the commits of what comes from git. Files and hashes are not taken: those of the index count.
// docs/guides/import.md#pins

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "lock/lock_file.h"

namespace pkg::lock {

// In the order in which they are looked for.
inline constexpr std::array<std::string_view, 4> kForeignLocks{"uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock"};

struct ForeignPins {
  LockFile lock;                     // packages: name, version, marker, vcs; sorted, without duplicates
  std::vector<std::string> skipped;  // entries that say no version, or one that is none: one line each
};

// `kind` is one of kForeignLocks, `file_name` for messages. Folders and the project itself are no pins. Markers that
// are not understood are left out: a pin is a preference, and then one for everywhere. bad_data with file and line: no
// TOML or JSON, or not the form of such a lock · unsupported: another `kind`.
Result<ForeignPins> parse_foreign_lock(std::string_view text, std::string_view kind, const std::string& file_name);

}  // namespace pkg::lock
