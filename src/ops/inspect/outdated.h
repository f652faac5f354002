#pragma once
// Which installed distributions have a newer release that this environment could use.

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "ops/inspect/inspect.h"
#include "resolver/policy.h"

namespace pkg::ops {

enum class Standing { outdated, up_to_date, ahead };  // ahead: newer than anything the index has

struct LatestRelease {
  std::string latest;
  std::string type;  // "wheel" or "sdist"
  Standing standing = Standing::up_to_date;
};

struct LatestOptions {
  EnvironmentOptions environment;
  bool prereleases = false;
  resolver::FormatControl format;
};

// The newest usable release for each entry of `listing.dists`; nullopt: the index has none, or the installed version is
// no version. Errors: those of target_for and of index::Index.
Result<std::vector<std::optional<LatestRelease>>> latest_releases(const Listing& listing, const LatestOptions& options,
                                                                  Session& session);

struct AvailableVersions {
  pep::Name name;
  std::vector<pep::Version> versions;  // newest first; those with a usable file, pre-releases as asked for
  std::string installed;               // empty: not installed, or no environment
};
// `pkg index versions NAME`. bad_data: no name · not_found: no such project, or no file of it for this environment.
// Others: as above.
Result<AvailableVersions> available_versions(const std::string& name, const EnvironmentOptions& environment,
                                             bool prereleases, Session& session);

}  // namespace pkg::ops
