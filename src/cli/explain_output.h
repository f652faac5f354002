#pragma once
// What `pkg lock --explain NAME` prints.

#include <string>

#include "base/json.h"
#include "base/result.h"
#include "cli/front.h"
#include "cli/output.h"
#include "ops/explain_lock.h"

namespace pkg::cli {

Text explanation_text(const ops::ExplainReport& report);
json::Json explanation_json(const ops::ExplainReport& report);

// `pkg lock --explain NAME` as a whole.
Result<int> explain_and_print(const ops::LockOptions& options, const std::string& name, Front& front);

}  // namespace pkg::cli
