#pragma once
// Delete a folder with everything in it, with all cores: parallel by folder, never two threads in one. Links are never
// followed.

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"

namespace pkg::venv {

// The folder `name` in the folder `at`; absent is fine. `shown` is the path that errors (io) name.
Status parallel_remove(int at, const std::string& name, const std::string& shown);

// `path`, when it is a file, or the files in it at any depth. io.
Status list_files(const std::string& path, std::vector<std::filesystem::path>& files);

}  // namespace pkg::venv
