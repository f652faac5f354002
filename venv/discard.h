#pragma once
// Delete a folder with everything in it, with all cores: parallel by folder, never two threads in one. Links are never followed.

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"

namespace pkg::venv {

Status discard(const std::string& folder);  // absent is fine

// `path`, when it is a file, or the files in it at any depth.
Status list_files(const std::string& path, std::vector<std::filesystem::path>& files);

}  // namespace pkg::venv
