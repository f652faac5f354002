#pragma once
// The one question that pkg asks: whether a script from a URL is to be run. Without a terminal nothing is asked.

#include "base/result.h"
#include "cli/output/output.h"

namespace pkg::cli {

bool can_ask();  // standard input and stderr are a terminal
// "y" or "yes" is yes; anything else, and the end of the input, is no. interrupted · io.
Result<bool> confirm(const Text& question);

}  // namespace pkg::cli
