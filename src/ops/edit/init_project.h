#pragma once
// `pkg init`: a new project: pyproject.toml and the first files beside it, or a script. docs/reference/project.md#verbs
//
// What is there already stays as it is, and is named.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "ops/session/session.h"

namespace pkg::ops {

// The repository a new project begins with.
enum class InitVcs : std::uint8_t {
  if_possible,  // git, where it is installed and the folder is in no repository
  git,          // the same, and an error where it is not installed
  none
};

struct InitOptions {
  std::string folder;  // empty: the working folder; made when it is not there. Of a script: its file
  std::string name;    // empty: the folder's
  std::string description;
  std::string python;         // a version, or an interpreter as --python takes it; empty: the default one
  std::string build_backend;  // "hatchling", "setuptools", "flit-core", "pdm-backend"; empty: hatchling for a library
                              // or package, none for an application, which is a script then
  bool library = false;       // src/NAME/__init__.py instead of main.py
  bool package = false;       // an application in src/NAME/ with a command
  bool script = false;        // a file with a `# /// script` block, and no project
  bool bare = false;          // pyproject.toml only (a script: its block only), and what is asked for besides
  bool no_readme = false;
  std::optional<bool> pin_python;  // .python-version; nullopt: not for a bare project or a member of a workspace
  std::optional<InitVcs> vcs;      // nullopt: none for a bare project or a member of a workspace, else if_possible
  bool no_workspace = false;       // does not become a member of the workspace around it
};

struct InitReport {
  std::filesystem::path folder;  // of a script: the one that it is in
  std::string name, requires_python;
  std::string script;                // its file; empty: a project
  std::vector<std::string> written;  // relative to the folder
  std::vector<std::string> kept;     // were there already
  bool repository = false;           // a git repository was made
  std::filesystem::path workspace;   // the root of the workspace that it is a member of; empty: of none
  bool joined = false;               // the root's pyproject.toml names it now
};

// usage (a name that is none, an unknown backend) · conflict (there is a pyproject.toml with
// [project]; one without gets it, and nothing else is written; a script with a block; a workspace with a member of that
// name) · not_found (no interpreter, no git where it is asked for) · unsupported (the list of the workspace's members
// cannot be edited).
Result<InitReport> init_project(const InitOptions& options, Session& session);

}  // namespace pkg::ops
