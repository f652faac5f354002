#pragma once
// What `pkg import` says: what was carried, what was not, and the lock.

#include "base/result.h"
#include "cli/command_context.h"
#include "ops/migrate/import_project.h"

namespace pkg::cli {

// Text, or JSON with --json; of a dry run, the file on stdout. Returns the exit code. Errors: none.
Result<int> print_import(const ops::ImportReport& report, bool dry_run, CommandContext& context);

}  // namespace pkg::cli
