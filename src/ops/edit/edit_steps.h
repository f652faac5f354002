#pragma once
// What add, remove, version and upgrade --bump share once the texts are edited in memory: they are locked as they would
// be, then written, then the environment follows. All of it or nothing. Internal to ops.

#include <functional>
#include <optional>
#include <span>
#include <string>

#include "base/result.h"
#include "lock/lock_file.h"
#include "ops/edit/edited_manifest.h"
#include "ops/install/sync_lock.h"
#include "ops/lock/lock.h"
#include "ops/session/session.h"
#include "pep/pyproject_edit.h"

namespace pkg::ops {

struct EditOptions {
  pep::DependencyList list;  // which list; kind script is set for a script
  std::string script;        // edit this script's block instead
  std::string package;       // edit the pyproject.toml of this member of the workspace
  bool frozen = false;       // edit the text and do nothing else
  bool no_sync = false;
  bool dry_run = false;
  SyncOptions sync;  // sync.lock: how it is locked
};

// What came of it besides the texts.
struct EditOutcome {
  std::optional<LockReport> lock;
  std::optional<SyncReport> sync;
};

// Resolves for the texts in memory, and writes nothing. Errors: those of EditedManifest::subject and lock_subject.
Result<lock::LockFile> trial_lock(std::span<const EditedManifest> manifests, const EditOptions& options,
                                  Session& session);

// Locks for the texts in memory, writes them, and syncs, as far as the options want it. `last_edits` (may be empty) is
// called before that, when everything is remembered that may have to be put back. Precondition: at least one manifest,
// all of one project. Errors: those of lock_subject, write_edited and sync_lock: the files are as they were then.
Result<EditOutcome> carry_out_edits(std::span<EditedManifest> manifests, const EditOptions& options,
                                    const std::function<Status()>& last_edits, Session& session);

}  // namespace pkg::ops
