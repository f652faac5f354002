#pragma once
// pip's installation report (--report), schema version 1.

#include <span>
#include <string>

#include "base/json.h"
#include "base/result.h"
#include "cli/command_context.h"
#include "ops/install/report.h"
#include "pep/environment.h"

namespace pkg::cli {

json::Json pip_report(std::span<const ops::ReportedDist> dists, const pep::Environment& markers);

// To `file`, or with "-" to standard output. not_found: no such folder · io.
Status write_pip_report(std::span<const ops::ReportedDist> dists, const pep::Environment& markers,
                        const std::string& file, CommandContext& context);

}  // namespace pkg::cli
