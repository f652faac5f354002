#pragma once
// What builds the sources of a lock, found out and put into it ([tool.pkg] lock-build-dependencies).
// docs/reference/lockfile.md#builds

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "lock/lock_file.h"
#include "lock/lock_resolution.h"
#include "ops/lock/lock_steps.h"
#include "ops/lock/lock_subject.h"
#include "ops/session/session.h"
#include "resolver/resolution.h"

namespace pkg::ops {

// What the environments of builds are solved for and from.
struct BuildLocking {
  const LockSubject& subject;
  const OldLock& old;                      // whose choices are preferred, but what is upgraded
  const resolver::Resolution& resolution;  // of the lock, with hashes
  const lock::LockHeader& header;          // of the lock: Pythons, environments, addresses of indexes
  const SourceBuilderWhenNeeded& builds;
};

// Fills in tool.builds and tool.build_packages, where tool.build_scope asks for it. What cannot be found out here (a
// backend that does not run on this machine, requirements without a solution) is a warning and left out. Errors: of
// the indexes and sources; unsupported: two different files of one release · not_found: no Python to build with.
Status lock_builds(const BuildLocking& locking, lock::LockFile& lock, std::vector<std::string>& warnings,
                   Session& session);

}  // namespace pkg::ops
