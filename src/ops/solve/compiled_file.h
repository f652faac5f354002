#pragma once
// The file that `pkg compile -o` writes, as it was before: its pins are kept, and what is none of compile's files is
// left alone.

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "ops/inputs/inputs.h"
#include "resolver/problem.h"

namespace pkg::ops {

// Pins of the requirements file or lock at `path`, where what does not exist, is empty or is no regular file has none.
// usage: it is an input of this very command · conflict: it is neither a lock (by name) nor a file of pinned
// requirements, such as this would write. Others: those of reading it.
Result<std::vector<resolver::Preference>> pins_to_keep(const std::filesystem::path& path, const InputOptions& inputs,
                                                       const std::filesystem::path& working_folder);

}  // namespace pkg::ops
