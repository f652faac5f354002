#pragma once
// Errors as people read them, and as exit codes (docs/commands.md).

#include "base/result.h"
#include "cli/output/output.h"

namespace pkg::cli {

// Of a long derivation only the telling lines are shown, unless the whole is asked for.
enum class Derivation : bool { folded, whole };
Text render_error(const Error& error, Derivation derivation = Derivation::folded);
int exit_code(ErrorKind kind);

}  // namespace pkg::cli
