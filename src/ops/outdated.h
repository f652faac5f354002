#pragma once
// Which installed distributions have a newer release that this environment could use.

#include <string>
#include <vector>

#include "base/result.h"
#include "ops/inspect.h"

namespace pkg::ops {

struct OutdatedDist {
  std::string name, version, latest;
  std::string type;  // "wheel" or "sdist"
};

Result<std::vector<OutdatedDist>> outdated(const Listing& listing, const EnvironmentOptions& environment, bool prereleases,
                                           Session& session);

struct AvailableVersions {
  pep::Name name;
  std::vector<pep::Version> versions;  // newest first; those with a usable file, pre-releases as asked for
  std::string installed;               // empty: not installed, or no environment
};
// `pkg index versions NAME`.
Result<AvailableVersions> available_versions(const std::string& name, const EnvironmentOptions& environment, bool prereleases,
                                             Session& session);

}  // namespace pkg::ops
