#pragma once
// The environments a command is run in: of the project, of a script, and what --with puts in front.

#include "base/result.h"
#include "ops/run/run.h"
#include "venv/environment.h"

namespace pkg::ops {

// Locks and syncs the project first, unless asked not to. Without a project: the environment that is found, else the
// interpreter itself. Errors: those of sync_lock(), settle_project_environment() and choose_environment().
Status add_project_environment(const RunOptions& options, RunEnvironments& environments, RunPlan& plan,
                               Session& session);
// One below the cache folder that holds exactly what the project's lock has for these options, and nothing without a
// project. Errors: those of sync_lock() and script_interpreter().
Status add_isolated_environment(const RunOptions& options, RunEnvironments& environments, RunPlan& plan,
                                Session& session);
// From the script's lock where there is one, else resolved for its interpreter and kept while the block stays as it is.
// not_found: --locked or --frozen without a lock · what read_lock_subject(), sync_lock() and install_inputs() give.
Status add_script_environment(const RunOptions& options, RunEnvironments& environments, RunPlan& plan,
                              Session& session);
// Precondition: one of the others was called. Errors: those of read_inputs(), resolution_key() and install_inputs().
Status add_with_environment(const RunOptions& options, RunEnvironments& environments, RunPlan& plan, Session& session);

}  // namespace pkg::ops
