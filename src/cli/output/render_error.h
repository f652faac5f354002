#pragma once
// Errors as people read them, and as exit codes (docs/reference/commands.md).

#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "cli/output/output.h"

namespace pkg::cli {

// Of a long derivation only the telling lines are shown, unless the whole is asked for.
enum class Derivation : bool { folded, whole };
Text render_error(const Error& error, Derivation derivation = Derivation::folded);
int exit_code(ErrorKind kind);
// The same for programs (docs/reference/commands.md#json-errors): `verb` as in what the verb prints when it succeeds.
json::Json error_json(const Error& error, std::string_view verb);

}  // namespace pkg::cli
