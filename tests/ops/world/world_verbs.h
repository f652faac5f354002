#pragma once
// The verbs of the text worlds: a command line becomes the options of one function of src/ops, and its report becomes
// lines.

#include <string>
#include <string_view>

#include "support/ops_kit.h"

namespace pkg::test {

// What `line` ("install --dry-run a") says: its report's lines, or "error KIND: MESSAGE" with context and hint below;
// then the warnings the session's reporter got. Options of every verb: --offline, --no-index, --refresh, -f LINKS, --in
// FOLDER.
std::string run_verb(std::string_view line, OpsKit& kit);

}  // namespace pkg::test
