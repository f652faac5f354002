#pragma once
// Where a sync works. A sync removes what is not asked for, so it takes the project's own environment, or one that was
// named, and no other that happens to be there.
//
//   what is synced               where
//   a project, or its lock       the project's environment (ops/environment/project_environment.h)
//   a script                     the environment that `pkg run` keeps for it
//   a file, outside a project    the active environment, else .venv of the working folder
//   a file, in a project         the project's environment; --python may name another by its folder
//   anything, with --system,     what that says
//   --target and the like

#include <filesystem>
#include <optional>

#include "base/result.h"
#include "ops/environment/project_environment.h"
#include "ops/install/script_environment.h"
#include "ops/lock/lock_source.h"
#include "ops/session/session.h"

namespace pkg::ops {

class SyncEnvironment {
 public:
  // `source`: null where the file is no lock. Nothing is made or changed but what a killed command left.
  static Result<SyncEnvironment> find(const EnvironmentOptions& options, const LockUse& use, const LockSource* source,
                                      Session& session);

  // What is there, unless something is known against it already.
  const venv::Environment* present() const;

  // requires-python of the project that a file is synced in; empty outside one.
  const pep::SpecifierSet& requires_python() const { return requires_python_; }

  // When the lock was read: keeps what fits, makes what is missing. With Access::plan nothing is made.
  Result<ChosenEnvironment> settle(const pep::SpecifierSet& requires_python, Access access, Session& session) const;

 private:
  EnvironmentOptions options_;
  pep::SpecifierSet requires_python_;
  std::optional<ChosenEnvironment> named_;
  std::optional<ProjectEnvironment> project_;
  std::filesystem::path script_, script_lock_;
};

}  // namespace pkg::ops
