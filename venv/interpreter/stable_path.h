#pragma once
// The path by which an environment names its interpreter.

#include <filesystem>

#include "venv/interpreter/interpreter.h"

namespace pkg::venv {

// Links of the executable itself are followed, those of folders before it are kept: an environment made from
// `/opt/python/current/bin/python3` moves on with `current`, as one of `python -m venv` does. real_executable where the
// way there is not one to the same file (a wrapper, a shim, another environment's interpreter).
std::filesystem::path stable_executable(const Interpreter& interpreter);

}  // namespace pkg::venv
