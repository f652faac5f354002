#pragma once
// Environment: a place distributions are installed in. Opening one reads pyvenv.cfg and starts no Python; its Target is
// learnt when asked for.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "venv/interpreter/interpreter.h"
#include "venv/layout.h"

namespace pkg::venv {

enum class EnvironmentKind : std::uint8_t { venv, conda, system, target, prefix };

struct Environment {
  EnvironmentKind kind = EnvironmentKind::venv;
  Layout layout;
  std::filesystem::path python;  // its executable
  std::string python_version;    // "3.12" or "3.12.1", from pyvenv.cfg; may be empty for others than venv
  bool include_system_site_packages = false;
  bool relocatable = false;                 // launchers find the interpreter beside themselves
  std::filesystem::path made_at;            // where pyvenv.cfg says that it was made; empty: not said
  std::filesystem::path state_dir() const;  // <prefix>/.pkg: journal, lock, state, history
};

// `folder` holds pyvenv.cfg, or `folder` is an executable inside such a folder, or a system interpreter.
// not_found (no environment there) · bad_data (pyvenv.cfg is damaged).
Result<Environment> open_environment(const std::filesystem::path& folder_or_python,
                                     const std::filesystem::path& cache_dir);
Result<Interpreter> interpreter_of(const Environment& environment, const std::filesystem::path& cache_dir,
                                   const Leave& leave = {});
// Whether interpreter_of would have something to ask: what bin/python leads to may be somebody else's program, or is a
// copy that was not compared yet, and no record knows it. Starts nothing; false where the interpreter is gone.
bool is_doubtful(const Environment& environment, const std::filesystem::path& cache_dir);

}  // namespace pkg::venv
