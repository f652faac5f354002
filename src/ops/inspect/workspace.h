#pragma once
// `pkg workspace`: the members of the workspace that a folder is in. A project without [tool.pkg.workspace] is one with
// a single member. Files are read; nothing is resolved, and no index or interpreter is asked.

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "ops/session/session.h"
#include "pep/name.h"

namespace pkg::ops {

// What one member requires of another.
struct MemberRequirement {
  std::string name;         // of the other one
  std::string list;         // "project.dependencies", "dependency-groups.dev"
  std::string requirement;  // as it is written
};

struct WorkspaceMember {
  std::string name;
  std::filesystem::path folder;  // absolute
  std::string relative;          // from the root; "." is the root
  std::string version;           // empty: dynamic
  std::string version_source;    // of a dynamic one
  std::string requires_python;   // empty: it says nothing
  bool is_package = false;       // is built and installed
  std::vector<std::string> extras, groups;
  std::vector<MemberRequirement> requires_;
};

struct WorkspaceReport {
  std::filesystem::path root, lock, environment;  // of the lock and the environment: where they are, or would be
  bool has_lock = false;
  std::string current;                   // the member that the folder is in; empty: a root without [project]
  std::vector<WorkspaceMember> members;  // the root first, then by name; a root without [project] is none
  std::vector<std::string> groups;       // of the root where that is no member
};

// Errors: those of open_project; of dependency groups, as pep::dependency_group.
Result<WorkspaceReport> workspace(Session& session);

// The folder of the root, or of the member `package` (empty: none). Errors: those of open_project and need_member.
Result<std::filesystem::path> workspace_folder(const std::string& package, Session& session);

}  // namespace pkg::ops
