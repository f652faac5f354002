#pragma once
// Reading files that lie in an environment's folder, which somebody else may have made: regular ones only, and never more than a limit.

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/result.h"

namespace pkg::venv {

// The whole file, links followed, without waiting for anybody. bad_data: a pipe, a device or a socket; more bytes than the limit.
Result<std::string> read_regular(const std::filesystem::path& path, std::uint64_t limit_bytes);

constexpr std::uint64_t kRecordLimit = 64u << 20;  // of a RECORD, installed-files.txt

}  // namespace pkg::venv
