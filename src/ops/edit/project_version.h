#pragma once
// `pkg version`: says the version of a project, or writes another one. docs/reference/project.md#version

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "ops/edit/edit_steps.h"
#include "ops/session/session.h"

namespace pkg::ops {

struct VersionOptions {
  EditOptions edit;                // list and script are not looked at
  std::string value;               // the new version; empty: see `bumps`
  std::vector<std::string> bumps;  // "minor", "patch=7" (pep/version_bump.h); with `value` empty too: only said
  bool wants_value = false;        // what is dynamic has none: an error then, even where nothing is to be written
};

struct VersionReport : EditOutcome {
  std::string project;
  std::filesystem::path file;
  std::string version;      // after; empty: dynamic
  std::string old_version;  // of one that changes, or would; the same as `version` when it is said again
  std::string source;       // of a dynamic one: "`src/a/__init__.py` ([tool.hatch.version] path)"
  bool dry_run = false;
};

// The value in [project] alone changes; where there is a lock, the project is locked and synced again (EditOptions says
// how far). usage: no version, a bump that leads to no newer one · unsupported: a dynamic version, or a form that
// cannot be edited · not_found: no project, no such member · conflict: another member requires an older version.
// Others: those of carry_out_edits; the files are as they were then.
Result<VersionReport> project_version(const VersionOptions& options, Session& session);

}  // namespace pkg::ops
