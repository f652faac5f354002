#pragma once
// Variables for a command, from files that the user names (--env-file, PKG_ENV_FILE). A project cannot name any.

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/user_folders.h"
#include "ops/run/run.h"

namespace pkg::ops {

// Of all files in order, a later one before an earlier one. What `environment` has already stays as it is there, and is
// not in the answer. Relative names are below `folder`. not_found, io: a file · bad_data: see add_dotenv().
Result<RunVariables> read_env_files(const std::vector<std::string>& files, const std::filesystem::path& folder,
                                    const Getenv& environment);

}  // namespace pkg::ops
