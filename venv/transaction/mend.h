#pragma once
// An environment whose folder was moved or copied: its launchers start the interpreter at the old place, and its
// activation scripts fall back on it. docs/internals/transaction.md#moved

#include <span>

#include "base/result.h"
#include "venv/environment.h"
#include "venv/ground.h"
#include "venv/site.h"
#include "venv/transaction/placement.h"

namespace pkg::venv {

// Whether it lies elsewhere than where pyvenv.cfg says that it was made. Never of relocatable ones. Costs no system
// call where the two are written alike.
bool was_moved(const Environment& environment);

// Launchers and scripts of what is installed whose first line names the interpreter at the old place, and the rows of
// RECORD about them.
Status plan_mending(Placement& placement, std::span<const InstalledDist> kept, const Environment& environment);

// Afterwards, each file whole or not at all: the activation scripts, and last pyvenv.cfg, so that a killed command is
// done again.
Status mend_own_files(Ground& ground, const Environment& environment);

}  // namespace pkg::venv
