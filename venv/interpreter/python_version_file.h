#pragma once
// `.python-version`: which Python whoever works in a folder wants. pyenv, uv and others read it too.

#include <filesystem>
#include <optional>
#include <string>

namespace pkg::venv {

struct PythonVersionFile {
  std::filesystem::path file;
  std::string says;       // the version as it stands there
  std::string request;    // the same as find_interpreter() takes it; empty: it names no Python that is known
  bool is_users = false;  // the user's own, for whatever says nothing itself
};

// The nearest one in `start` or a folder above, up to `root` (empty: all of them), else `.python-version` in
// `user_folder` (empty: there is none). The first version of the file counts; one that asks for pyenv's "system" asks
// for nothing. A file of another user in a folder that everybody may write to does not count.
std::optional<PythonVersionFile> find_python_version_file(const std::filesystem::path& start,
                                                          const std::filesystem::path& root,
                                                          const std::filesystem::path& user_folder);

}  // namespace pkg::venv
