#pragma once
// An archive with a Python becomes a folder.

#include <filesystem>
#include <string>

#include "base/result.h"

namespace pkg::ops {

// Unpacks `archive` below the empty folder `into`; the answer is the prefix in it: TOP/install where there is one, with
// a PYTHON.json beside it (python-build-standalone's full archives), else the one folder at the top. `file_name` says
// how it is packed: .tar.gz, .tar.zst, .tar.bz2, .tar.xz.
// unsupported: packed otherwise, or this machine lacks what unpacks it · bad_data: what tar::read() refuses; several
// folders or a file at the top; links out of the prefix · io.
Result<std::filesystem::path> unpack_python(const std::filesystem::path& archive, const std::string& file_name,
                                            const std::filesystem::path& into);

}  // namespace pkg::ops
