#pragma once
// Names of the settings that are command-line options: they may stand in pip's files, PIP_* and PKG_* variables,
// pkg.toml and [tool.pkg], and what a project may say of each.

#include <cstdint>
#include <span>
#include <string_view>

namespace pkg::ops {

// What the word of a project that its user does not trust (ops/session/trusted_projects.h) is worth.
enum class ProjectMay : std::uint8_t {
  set,               // the project's own business; it wins over the user's files
  set_where_unsaid,  // forbids something: counts unless the user's own settings say it already
  not_set,           // spends the user's trust: never counts
};

struct CommandLineSetting {
  std::string_view name;  // without dashes in front, "index-url"; every spelling that is understood has an entry
  ProjectMay project_may = ProjectMay::set;
  std::string_view opposite =
      {};  // set_where_unsaid: it does not count either where the user's own settings say this one
};

std::span<const CommandLineSetting> command_line_settings();
const CommandLineSetting* find_setting(std::string_view name);  // nullptr: there is none

}  // namespace pkg::ops
