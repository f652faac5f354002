#pragma once
// A checkout may link its pyproject.toml to any file of the user, or name one in its requirements, and an error that
// quotes it would show it to everybody who sees the log. An error about such a file gives its name and line alone.

#include <filesystem>
#include <string>

#include "base/result.h"

namespace pkg {

// Whether `file` really lies in `folder` or below, links followed.
bool is_own_file(const std::filesystem::path& file, const std::filesystem::path& folder);

// `error`, which is about what `file` says. `name`: as the error calls the file.
Error without_text(const Error& error, const std::string& name);

// Of a file that is found in its folder and named by nobody. Errors: those of `result`; bad_data loses its text where
// the file lies elsewhere.
template <class T>
Result<T> told_of(Result<T> result, const std::filesystem::path& file, const std::string& name) {
  if (result.ok() || result.error().kind != ErrorKind::bad_data || is_own_file(file, file.parent_path())) return result;
  return without_text(result.error(), name);
}

}  // namespace pkg
