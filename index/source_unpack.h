#pragma once
// A source archive's files in a folder: .tar.gz, .tar.bz2, .tar.xz, .tar and .zip, under the rules of
// docs/concepts/promises.md#sdists.

#include <string>
#include <string_view>

#include "base/fs.h"
#include "base/result.h"

namespace pkg::index {

enum class TopFolder : unsigned char {
  required,
  optional
};  // optional: a zip may have its project at the top, without a folder

// Writes the members of `archive`, which is called `file_name`, below the empty folder `into`; links come last. Returns
// the name of the one top folder, "" where it is optional and the archive has pyproject.toml or setup.py at its top.
// What was written stays when it fails. Errors: bad_data (more than one top-level entry, and what tar.h and zip.h
// refuse) · unsupported (another ending) · io.
Result<std::string> unpack_source(const fs::Path& archive, std::string_view file_name, TopFolder top,
                                  const fs::Path& into);

}  // namespace pkg::index
