#pragma once
// What locking says: changes as lines, a summary, and the JSON of `pkg lock`.

#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "cli/command_context.h"
#include "cli/output/output.h"
#include "ops/lock/lock.h"

namespace pkg::cli {

// "+ numpy 2.1.0", "~ rich 13.0 -> 14.0", "- six 1.16.0", "~ numpy 2.0 (other files)": one line each.
Text lock_changes_text(const std::vector<lock::LockChange>& changes);
json::Json lock_changes_json(const std::vector<lock::LockChange>& changes);

// Text, or JSON with --json; returns the exit code. Errors: none.
Result<int> print_lock(const ops::LockReport& report, std::string_view verb, CommandContext& context);
// Notes, warnings, changes and summary on stderr. Of a fresh lock: nothing.
void tell_lock(const ops::LockReport& report, CommandContext& context);

}  // namespace pkg::cli
