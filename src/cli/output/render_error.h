#pragma once
// Errors as people read them, and as exit codes (docs/commands.md).

#include "base/result.h"
#include "cli/output/output.h"

namespace pkg::cli {

// A long derivation of a conflict is told by its telling lines, unless it is asked for as a whole.
enum class Derivation : bool { folded, whole };
Text render_error(const Error& error, Derivation derivation = Derivation::folded);
int exit_code(ErrorKind kind);

}  // namespace pkg::cli
