#pragma once
// Hold a placement against the disk: which folders are new, what is in the way, and so what the journal has to list.
// Reads only.

#include <span>

#include "base/result.h"
#include "venv/owned_paths.h"
#include "venv/transaction/journal.h"
#include "venv/transaction/placement.h"
#include "venv/transaction/transaction.h"
#include "venv/transaction/uninstall.h"

namespace pkg::venv {

// Marks the new folders of the placement. The journal's moved paths: those of `removal`, then files that are replaced
// because they belong to nobody, or to a distribution that stays and brings equal bytes. conflict: a file of a
// distribution that stays, a folder where a file is to go, or the reverse · unsupported: a link leads out · io.
Result<Journal> preflight(Placement& placement, Ground& ground, std::span<const WheelToInstall> wheels,
                          const Removal& removal, ClaimsOf& kept, const ApplyOptions& options);

}  // namespace pkg::venv
