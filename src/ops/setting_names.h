#pragma once
// Names of the settings that are command-line options: they may stand in pip's files, PIP_* and PKG_* variables, pkg.toml and [tool.pkg].

#include <span>
#include <string_view>

namespace pkg::ops {

// Without dashes in front, "index-url" …; every spelling that is understood.
std::span<const std::string_view> command_line_settings();

}  // namespace pkg::ops
