#pragma once
// The small files of a source tree that say what it is (pyproject.toml, PKG-INFO, setup.cfg), read whole and with a
// limit.

#include <filesystem>
#include <optional>
#include <string>

#include "base/result.h"

namespace pkg::builder {

// nullopt when there is no such file; more than 16 MiB is bad_data.
Result<std::optional<std::string>> read_if_there(const std::filesystem::path& path);

}  // namespace pkg::builder
