#pragma once
// What an index says of a project's state: archived, deprecated, quarantined (PEP 792).

#include <string>
#include <vector>

#include "ops/live_source.h"
#include "resolver/resolution.h"

namespace pkg::ops {

// One warning per pinned project that is not active.
void add_project_warnings(const resolver::Resolution& resolution, const LiveSource& source, std::vector<std::string>& warnings);

}  // namespace pkg::ops
