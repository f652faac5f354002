#pragma once
// Bytecode of the installed modules (--compile), made by the target interpreter, on all cores, in the transaction's own folder, and then
// moved into place.

#include <cstdint>
#include <string>

#include "base/result.h"
#include "base/tasks.h"
#include "venv/environment.h"
#include "venv/placement.h"

namespace pkg::venv {

// Adds a place in __pycache__ for each module that wheels bring. Asks the interpreter once for the ending it gives such files.
Status plan_bytecode(Placement& placement, const Environment& environment);

// Compiles what was planned; modules that do not compile are left out, as pip does. `staging`: a folder to be made. Notes in the placement
// what has to go into RECORD. Returns the number of files.
Result<std::uint64_t> compile_bytecode(Placement& placement, const Environment& environment, const std::string& staging,
                                       const CancelToken& cancel);

}  // namespace pkg::venv
