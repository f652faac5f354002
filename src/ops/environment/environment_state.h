#pragma once
// The state file of an environment: what it was last synced from. While nothing of that has changed, "nothing to do"
// costs a few stats.
//
// The file lies in Environment::state_dir(), and counts only with the MAC of this user's key. It names the lock (path,
// size, mtime, inode), which part of it was installed, and what the environment looked like afterwards (interpreter,
// pyvenv.cfg, site-packages: inode and mtime). Anything that may have changed in the moment the file was written counts
// as changed, as git does it with its index: a timestamp that is not older than the file's own says nothing.

#include <filesystem>
#include <optional>
#include <string>

#include "base/result.h"
#include "venv/environment.h"
#include "venv/state_key.h"

namespace pkg::ops {

struct SyncState {
  std::filesystem::path lock;  // absolute
  std::string inputs_digest;   // of the lock; empty: not one of pkg's
  std::string selection;       // extras, groups and modes, as one line
  std::size_t packages = 0;    // that the selection has: for the summary
  bool operator==(const SyncState&) const = default;
};

// What the environment was synced to, when neither it nor the lock has changed since; nullopt: look closer.
std::optional<SyncState> unchanged_since(const venv::Environment& environment, const venv::StateKey& key);

// After a sync. Failing is no error: the next one looks closer. Only of environments of their own (venv, conda).
void remember(const venv::Environment& environment, const SyncState& state, const venv::StateKey& key);

// Before a change of the environment by another verb than sync.
void forget(const venv::Environment& environment);

}  // namespace pkg::ops
