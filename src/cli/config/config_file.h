#pragma once
// pip's configuration files, one of which `pkg config` shows or changes.

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/config/config.h"

namespace pkg::cli {

enum class ConfigScope { any, global, user, site };

// The file that is changed: of `scope`, or, as for pip, the active environment's where it exists, else the user's.
// `system_file`: as for Config::load. usage: --site without an active environment.
Result<std::filesystem::path> editable_file(ConfigScope scope,
                                            const std::function<const char*(const char*)>& environment,
                                            const std::filesystem::path& system_file);

struct FileSetting {
  std::string section, key, value;
  std::filesystem::path file;
};
// All entries of the files of `scope` that exist, weakest first, sections of commands included. bad_data with file and
// line · io.
Result<std::vector<FileSetting>> settings_in_files(const Config& config, ConfigScope scope);

// Runs `editor` (words at white space) with the file, on this terminal. Its exit code, unless it could not be started:
// not_found · io.
Result<int> run_editor(const std::string& editor, const std::filesystem::path& file);

}  // namespace pkg::cli
