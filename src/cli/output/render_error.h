#pragma once
// Errors as people read them, and as exit codes (docs/commands.md).

#include "base/result.h"
#include "cli/output/output.h"

namespace pkg::cli {

Text render_error(const Error& error);
int exit_code(ErrorKind kind);

}  // namespace pkg::cli
