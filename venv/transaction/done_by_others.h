#pragma once
// What other processes did while a command waited for the environment's lock, or since it looked.

#include <span>

#include "venv/site.h"
#include "venv/transaction/transaction.h"

namespace pkg::venv {

// The change without the wheels whose very version is installed by now, although the caller did not know of it: another
// command has just installed the same, somebody may be importing it, and it stays. What was asked for by name is marked
// so. Wheels of direct URLs are none of those: one version may be several files.
Change without_done(Change change, std::span<const InstalledDist> now);

}  // namespace pkg::venv
