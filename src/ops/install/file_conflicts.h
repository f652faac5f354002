#pragma once
// The words about distributions that ship one path with different content.

#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/events.h"
#include "pep/name.h"
#include "resolver/resolution.h"
#include "venv/transaction/transaction.h"

namespace pkg::ops {

// One warning for each two distributions: both, who asked for each, how many paths, whose files are in place; the last
// one counts those that are too many to tell. `pins`: what was resolved or locked.
std::vector<std::string> conflict_warnings(std::span<const venv::FileConflict> conflicts,
                                           std::span<const resolver::Pin> pins, const std::set<pep::Name>& requested);

// Files that came back, "2 files of `a` 1 are in place again", are for -v.
void tell_of_comebacks(const venv::ChangeReport& report, Reporter& reporter);

}  // namespace pkg::ops
