#pragma once
// A question to the person at the terminal. Nothing needs one: without a terminal, and where it is not wanted
// (--no-prompt), the verb goes on without.

#include "base/result.h"
#include "cli/output/output.h"

namespace pkg::cli {

// Standard input and stderr are terminals.
bool can_ask();

// Prints `question` and reads a line: whether it says yes. interrupted: by a signal · io.
Result<bool> ask(const Text& question);

}  // namespace pkg::cli
