#pragma once
// What becomes of files that are kept aside when the distributions change: those at whose path nobody else has a file
// any more come back, those of distributions that go, go too.

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "venv/ground.h"
#include "venv/owned_paths.h"
#include "venv/site.h"
#include "venv/transaction/overwritten.h"
#include "venv/transaction/placement.h"
#include "venv/transaction/transaction.h"
#include "venv/transaction/uninstall.h"

namespace pkg::venv {

struct Comeback {
  std::vector<std::string> moved;  // copies, bytecode of what lay at the paths
  std::vector<std::pair<DistTitle, std::uint64_t>> brought_back;
  std::vector<std::string> warnings;
};

// Reads the disk, and adds to the placement what comes back. io · unsupported: a link is in the way.
Result<Comeback> plan_comeback(Placement& placement, Ground& ground, const Overwritten& before,
                               std::span<const InstalledDist> stays, ClaimsOf& kept);

// Paths where the bytes of a distribution that goes will stay in the name of one that stays, and of which no file was
// kept (another installer's work): a warning for each of those who stay. Asked once everything else is settled.
std::vector<std::string> warnings_of_lost(const Placement& placement, Ground& ground, const Overwritten& before,
                                          std::span<const Removal::Shared> shared);

// The bytecode that Python made of the module at `path`, which is about to be another; empty for what is no module.
std::vector<std::string> bytecode_of(Ground& ground, const std::string& path);

}  // namespace pkg::venv
