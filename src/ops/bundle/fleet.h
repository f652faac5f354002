#pragma once
// `pkg cache push` and `pkg cache pull`: everything that a lock needs for one target (or all of its files), into the
// remote cache, or from there into the cache folder. docs/guides/fleet.md

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "ops/bundle/bundle_targets.h"
#include "ops/lock/lock_source.h"
#include "ops/session/session.h"

namespace pkg::ops {

struct FleetOptions : LockUse {
  SelectionOptions selection;
  std::string python;      // environment, interpreter or version; empty: as for an install
  bool all_files = false;  // of every package of the lock, for whatever target; nothing is built then
};

struct FleetReport {
  std::string remote;                // without credentials
  std::size_t files = 0;             // of the lock that count: wheels and archives
  std::size_t moved = 0, kept = 0;   // put or fetched now; there already
  std::size_t built = 0;             // sources whose wheel is shared
  std::uint64_t bytes = 0;           // push: that were put
  std::vector<std::string> missing;  // pull: files that the remote cache does not have; push: that could not be put
  std::string trouble;               // why the remote cache was given up; empty: it was not
  double seconds = 0;
};

// usage: no remote cache is set, or it may not be written to. Others: those of find_lock, open_lock, select_packages,
// pins_of, of downloads and of builds. What cannot be put is part of the answer.
Result<FleetReport> push_lock(const FleetOptions& options, Session& session);
// The same; what the remote cache lacks is part of the answer, and no index is asked for a file.
Result<FleetReport> pull_lock(const FleetOptions& options, Session& session);

}  // namespace pkg::ops
