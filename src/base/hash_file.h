#pragma once
// The hash of a file that may be larger than the memory.

#include <string>

#include "base/fs.h"
#include "base/hash.h"
#include "base/result.h"

namespace pkg::hash {

// not_found · io: no regular file, or it cannot be read.
Result<std::string> hex_of_file(const fs::Path& path, Algorithm algorithm = Algorithm::sha256);

}  // namespace pkg::hash
