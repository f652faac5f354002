#pragma once
// What `pkg lock --explain NAME` prints.

#include <string>

#include "base/json.h"
#include "base/result.h"
#include "cli/command_context.h"
#include "cli/output/output.h"
#include "ops/lock/explain_lock.h"

namespace pkg::cli {

Text explanation_text(const ops::ExplainReport& report);
json::Json explanation_json(const ops::ExplainReport& report);

// `pkg lock --explain NAME` as a whole. Errors: those of ops::explain_locked.
Result<int> explain_and_print(const ops::LockOptions& options, const std::string& name, CommandContext& context);

}  // namespace pkg::cli
