#pragma once
// `pkg import`: another tool's project becomes one of pkg: pyproject.toml, and a lock with the same pins.
// docs/guides/import.md
//
// All of it or nothing: when locking fails, pyproject.toml and the lock are as they were. What is imported is only
// read.

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "ops/lock/lock.h"
#include "ops/migrate/imported_project.h"
#include "ops/session/session.h"

namespace pkg::ops {

struct ImportOptions {
  std::string file;           // empty: looked for in the session's working folder
  std::string default_index;  // URL of the index that is asked when nothing is configured
  std::string python;         // builds a setup.py's metadata
  bool no_lock = false;
  bool dry_run = false;
};

// How the project is locked once its file is written: its settings are settings of the command, too.
struct WayToLock {
  Session* session = nullptr;
  LockOptions lock;
};
using FindWayToLock = std::function<Result<WayToLock>()>;

struct ImportReport {
  std::filesystem::path path;  // of the pyproject.toml
  std::string text;            // what it says now, or would
  bool is_new = false, is_changed = false;
  std::string tool, manifest;         // what was imported
  std::vector<std::string> read;      // every file that was read
  std::vector<std::string> others;    // what could have been imported, too
  std::vector<std::string> obsolete;  // files that only the other tool needs
  std::size_t dependencies = 0, extras = 0, groups = 0, indexes = 0, sources = 0;
  std::vector<ImportNote> notes;
  std::optional<LockReport> lock;
  std::vector<std::string> lost_pins;  // versions of the other lock that are not in this one, one line each
};

// usage: a file of no known kind, or in another folder than it must be · not_found: there is nothing to import ·
// conflict: the project has requirements of its own in a list that is imported; the lock has no solution · bad_data,
// unsupported with file:line: what is imported cannot be read, or pyproject.toml cannot be edited. Others: those of
// SourceBuilder::source (setup.py) and of lock_subject. `way` is asked after the file was written; not for a dry run,
// and not without a lock.
Result<ImportReport> import_project(const ImportOptions& options, Session& session, const FindWayToLock& way);

}  // namespace pkg::ops
