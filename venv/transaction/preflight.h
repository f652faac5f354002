#pragma once
// Hold a placement against the disk: which folders are new, what is in the way, whose file lies where two have one, and
// so what the journal has to list. Reads only.

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "venv/owned_paths.h"
#include "venv/transaction/journal.h"
#include "venv/transaction/ownership.h"
#include "venv/transaction/placement.h"
#include "venv/transaction/transaction.h"
#include "venv/transaction/uninstall.h"

namespace pkg::venv {

struct Preflighted {
  Journal journal;
  std::vector<std::pair<DistTitle, std::uint64_t>> brought_back;  // files that lie at their paths again
  std::vector<std::string> warnings;
};

// Marks the new folders of the placement, and adds to it what is kept of those who lose to others, and what comes back.
// The journal's moved paths: those of `removal` (whose set grows with them), then files that are replaced. conflict:
// contests that are refused, a folder where a file is to go, or the reverse · unsupported: a link leads out · io.
Result<Preflighted> preflight(Placement& placement, Ground& ground, std::span<const InstalledDist> stays,
                              Removal& removal, ClaimsOf& kept, Contests& contests);

}  // namespace pkg::venv
