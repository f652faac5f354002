#pragma once
// `pkg add` and `pkg remove`: the requirements in pyproject.toml or a script, then the lock, then the environment.
// docs/reference/project.md#verbs
//
// All of it or nothing: when locking or syncing fails, pyproject.toml and the lock are as they were.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "ops/edit/edit_steps.h"
#include "ops/inputs/inputs.h"
#include "ops/session/session.h"
#include "pep/version_bounds.h"

namespace pkg::ops {

struct AddOptions {
  EditOptions edit;
  InputOptions inputs;  // words and requirements files
  pep::Bounds bounds = pep::Bounds::lower;
  std::string branch, tag, rev;       // of what comes from git; at most one
  std::vector<std::string> extras;    // of everything that is added
  std::string marker;                 // likewise, beside what it says itself
  bool workspace = false;             // what is added are members of the workspace, and the file says so
  bool raw = false;                   // URLs stay in the requirement instead of becoming sources
  std::string index_name, index_url;  // what is added comes from this index, and the file says so; empty: not given
};

struct RemoveOptions {
  EditOptions edit;
  std::vector<std::string> names;
};

struct EditedRequirement {
  enum class Kind : std::uint8_t { added, changed, removed, kept } kind = Kind::added;
  std::string before, after;  // as the file has them
  std::string source;         // the entry of [tool.pkg.sources] that was written, or nothing
};

struct EditReport : EditOutcome {
  std::filesystem::path file;
  std::string list;  // "project.dependencies"
  std::vector<EditedRequirement> changes;
  bool dry_run = false;
};

// A requirement of the same name is changed: its versions when new ones are given, its marker likewise, extras are
// united. What is written without versions gets bounds from the version that was locked. A path or URL is written as a
// name with an entry in [tool.pkg.sources], an index as [[tool.pkg.index]] and the source of what is added. usage ·
// not_found (no project, no such member of the workspace) · what the edit, lock and sync give.
Result<EditReport> add_requirements(const AddOptions& options, Session& session);

// All requirements of these names go, and with the last of them the name's source. not_found names the lists that have
// it.
Result<EditReport> remove_requirements(const RemoveOptions& options, Session& session);

}  // namespace pkg::ops
