#pragma once
// `pkg sync` from a lock: an environment holds what the lock has for it, by one transaction and without a solve.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "ops/environment/environment_choice.h"
#include "ops/environment/other_target.h"
#include "ops/install/install.h"
#include "ops/lock/lock.h"
#include "ops/lock/lock_source.h"
#include "ops/lock/locked_pins.h"

namespace pkg::ops {

struct SyncOptions : LockUse {
  SelectionOptions selection;
  EnvironmentOptions environment;
  venv::ApplyOptions apply;
  venv::Reinstall reinstall = venv::Reinstall::none;
  std::vector<std::string> reinstall_packages;
  bool inexact = false;                 // keep what the lock does not name
  bool no_editable = false;             // folders are built and installed as anything else
  bool no_install_project = false;      // without the project itself
  bool no_install_workspace = false;    // without the project and all members of its workspace
  bool no_install_local = false;        // without folders and files of this machine, the project among them
  std::vector<std::string> no_install;  // --no-install-package: neither installed nor removed
  OtherTarget other;                    // for another Python or platform; only into a target folder, or with dry_run
};

struct SyncReport {
  InstallReport install;
  std::optional<LockReport> lock;  // when the project was locked or found to be fresh
  std::filesystem::path lock_path;
  std::size_t packages = 0;  // of the selection
  bool unchanged = false;    // the state file said so: neither the lock nor the environment was read
  venv::Environment environment;
  std::vector<std::string> notes;  // one line each
  // Something was changed, or would be.
  bool differs() const { return differs_from(install) || (lock && lock->differs); }
};

// conflict (the lock is stale and `locked` is set) · not_found (no lock, an extra or group it does not have) · build (a
// source failed to build) · hash_mismatch (a file is not the locked one) · what lock_project and venv::apply give. The
// environment is changed as a whole or not at all.
Result<SyncReport> sync_lock(const SyncOptions& options, Session& session);

}  // namespace pkg::ops
