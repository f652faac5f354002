#pragma once
// Members of a workspace by name, and the workspace around a folder.

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "ops/project/project.h"

namespace pkg::ops {

// The index of the member `name` in project.members. not_found: there is none, with the nearest and with all of them ·
// bad_data: the text is no name.
Result<std::size_t> need_member(const Project& project, std::string_view name);

// Whether `folder` or one above has a pyproject.toml that counts: whether a verb works on a project there.
bool is_in_project(const std::filesystem::path& folder);

// The workspace that a new project in `folder` belongs to.
struct SurroundingWorkspace {
  Project project;           // of the workspace's root
  std::string member;        // `folder`, relative to the root, "/" between its parts
  bool is_listed = false;    // a glob of `members` has it already
  bool is_excluded = false;  // a glob of `exclude` has it
};
// nullopt: no folder above has [tool.pkg.workspace]. Errors: those of open_project for its root.
Result<std::optional<SurroundingWorkspace>> workspace_around(const std::filesystem::path& folder);

}  // namespace pkg::ops
