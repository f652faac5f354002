#pragma once
// Bytecode of the installed modules (--compile), made by the target interpreter, on all cores, in the transaction's own
// folder, and then moved into place.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/tasks.h"
#include "venv/environment.h"
#include "venv/ground.h"
#include "venv/transaction/journal.h"
#include "venv/transaction/placement.h"
#include "venv/transaction/transaction.h"

namespace pkg::venv {

// Adds a place in __pycache__ for each module that wheels bring, except below links. Asks the interpreter once
// for the ending it gives such files, and returns it; empty: it has no cache of bytecode.
// io: the interpreter does not run · bad_data: its answer.
Result<std::string> plan_bytecode(Placement& placement, const Environment& environment);

// Compiles what was planned; modules that do not compile are left out, as pip does. Made in the folder `compiled` of
// the transaction, then moved to where it belongs. Notes in the placement what has to go into RECORD. Returns the
// number of files. io · unsupported (a folder has become a link) · interrupted.
Result<std::uint64_t> compile_bytecode(Placement& placement, Ground& ground, const TxFolder& tx,
                                       const Environment& environment, const CancelToken& cancel);

// The same for modules below new links, into the environment's own folder for them (venv/link/link_state.h). RECORD
// does not list these. The same errors: io · unsupported · interrupted.
Result<std::uint64_t> compile_linked(const Placement& placement, Ground& ground, const TxFolder& tx,
                                     std::span<const WheelToInstall> wheels, const Environment& environment,
                                     std::string_view ending, const CancelToken& cancel);

}  // namespace pkg::venv
