#pragma once
// A `.venv` that is a file stands for the environment whose path it holds (PEP 832): one line, relative to the file's
// folder where it is not absolute.

#include <filesystem>

#include "base/result.h"

namespace pkg::venv {

// Where the environment at `place` is: `place` itself, or what the file there says. One file is followed, not a chain.
// bad_data: the file holds no path · io: it cannot be read.
Result<std::filesystem::path> follow_redirect(const std::filesystem::path& place);

}  // namespace pkg::venv
