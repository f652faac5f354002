#pragma once
// Where the files about one installed distribution are.

#include <filesystem>
#include <optional>
#include <string>

#include "base/result.h"
#include "venv/site.h"

namespace pkg::venv {

// METADATA or PKG-INFO. Empty for an egg-link that leads nowhere.
std::filesystem::path metadata_path(const InstalledDist& dist);

// The text of RECORD; not_found, io.
Result<std::string> read_record_text(const InstalledDist& dist);

// An .egg-link file names a source folder; in it (or its src/) is one .egg-info folder.
std::optional<std::filesystem::path> egg_link_target(const std::filesystem::path& egg_link);
std::optional<std::filesystem::path> egg_link_info(const std::filesystem::path& egg_link);

}  // namespace pkg::venv
