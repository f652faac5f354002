#pragma once
// The folder for temporary files: TMPDIR, or what takes its place when that cannot be used.

#include <filesystem>
#include <string>

#include "base/result.h"

namespace pkg::fs {

struct TemporaryFolder {
  std::filesystem::path path;  // exists, and can be written to
  std::string warning;         // why it is not the one that was asked for; empty: it is
};

// `asked`: TMPDIR; null or empty: nothing was asked for. As Python's tempfile has it, what cannot be used is passed
// over for /tmp or /var/tmp. io, naming TMPDIR: none of them can be used.
Result<TemporaryFolder> temporary_folder(const char* asked);

}  // namespace pkg::fs
