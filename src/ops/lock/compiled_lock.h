#pragma once
// What `pkg compile -o pylock.toml` writes.

#include <filesystem>
#include <string>

#include "base/result.h"
#include "ops/session/session.h"
#include "ops/solve/compile.h"

namespace pkg::ops {

// A lock for the one target of the resolution, or for all (--universal), to lie at `path`. Files without a hash get it
// in `report`. unsupported: one that cannot have one. Others: those of complete_hashes and lock::for_one_target.
Result<std::string> compiled_lock(CompileReport& report, const std::filesystem::path& path);

}  // namespace pkg::ops
