#pragma once
// `pkg init --script x.py`: a script with a `# /// script` block (PEP 723).

#include "base/result.h"
#include "ops/edit/init_project.h"
#include "ops/session/session.h"

namespace pkg::ops {

// A file that is there and has no block gets one, and keeps everything else. `requires_python`: ">=3.12". conflict: it
// has a block · usage: no file was named · bad_data: the file's beginning of a block cannot be read · io.
Result<InitReport> init_script(const InitOptions& options, const std::string& requires_python, const Session& session);

}  // namespace pkg::ops
