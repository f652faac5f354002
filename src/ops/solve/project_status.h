#pragma once
// What an index says of a project's state: archived, deprecated, quarantined (PEP 792).

#include <string>
#include <vector>

#include "base/result.h"
#include "ops/solve/live_source.h"
#include "resolver/problem.h"
#include "resolver/resolution.h"

namespace pkg::ops {

// conflict: a project is quarantined whose files are not pinned by the hashes that the user gave (--require-hashes, a
// line's --hash; what a lock pins is not looked up). Names its status and the index's reason.
Status refuse_quarantined(const resolver::Problem& problem, const resolver::Resolution& resolution,
                          const LiveSource& source);

// One warning per pinned project that is not active.
void add_project_warnings(const resolver::Resolution& resolution, const LiveSource& source,
                          std::vector<std::string>& warnings);

}  // namespace pkg::ops
