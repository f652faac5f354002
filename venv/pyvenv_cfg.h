#pragma once
// pyvenv.cfg (PEP 405): what makes a folder a virtual environment.

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pkg::venv {

struct PyvenvCfg {
  std::string home;            // the folder of the base interpreter
  std::string version;         // "3.12.1"; of `version`, else `version_info`; may be empty
  std::string implementation;  // "CPython": not every tool writes it
  std::string executable;      // the base interpreter: `executable` or virtualenv's `base-executable`
  std::string prompt;
  bool include_system_site_packages = false;
  bool relocatable = false;  // launchers and activation scripts find the environment by their own place
  std::string location;      // the folder it was made in; empty: not said, or it is relocatable
};

// bad_data when there is no `home`.
Result<PyvenvCfg> parse_pyvenv_cfg(std::string_view text);
// That of an environment. not_found · io: no regular file · bad_data: too long, or not as it should be.
Result<PyvenvCfg> read_pyvenv_cfg(const std::filesystem::path& prefix);

// Whether a value can stand there: one line without blanks at its ends, in UTF-8. Python does not start from an
// environment with other bytes in this file.
bool can_be_a_setting(std::string_view value);

// The environment that `python` belongs to by its place: pyvenv.cfg beside it or one folder up, as CPython looks for
// it. Links are not followed.
std::optional<std::filesystem::path> environment_folder_of(const std::filesystem::path& python);

}  // namespace pkg::venv
