#pragma once
// The interpreters that `pkg python install` brought: one folder for each, side by side, and links that lead to the
// newest patch release of a version (docs/internals/pythons.md). Here they are found; ops/pythons makes them.

#include <filesystem>
#include <vector>

#include "base/user_folders.h"
#include "venv/interpreter/python_key.h"

namespace pkg::venv {

struct ManagedPython {
  PythonKey key;
  std::filesystem::path folder;
  std::filesystem::path python;  // in that folder
  // The same by way of the link of its version ("cpython-3.13-…"), which moves on to newer patch releases: what
  // environments are made from. `python`, where that link leads to another one.
  std::filesystem::path stable_python;
};

// $PKG_PYTHON_DIR, else $XDG_DATA_HOME/pkg/python or ~/.local/share/pkg/python. Empty: there is no home, or the
// variable is not absolute.
std::filesystem::path managed_folder(const Getenv& environment = process_environment());

// Those below `root` that have a program, newest first. Reads the folder's names, and for each interpreter that of its
// program; none of them is started.
std::vector<ManagedPython> managed_pythons(const std::filesystem::path& root);

// The program of an interpreter of this kind that was unpacked in `prefix`; empty: there is none.
std::filesystem::path program_in(const std::filesystem::path& prefix, const PythonKey& key);

// Whether a real path lies in one of them.
bool is_managed(const std::filesystem::path& real_path);

}  // namespace pkg::venv
