#pragma once
// From a lock to the environments that its sources are built in. docs/reference/lockfile.md#builds

#include "base/result.h"
#include "lock/lock_file.h"
#include "ops/lock/locked_pins.h"
#include "ops/session/locked_builds.h"
#include "ops/session/session.h"

namespace pkg::ops {

// `session`, building as `lock` says: itself where that says nothing of builds. With `session`'s builder as it would be
// made now; of a lock in place.folder.
Session& session_building(const lock::LockFile& lock, const LockPlace& place, WhenUnlocked when, Session& session);

// What `build` is built with on `target`. conflict: it was locked for other environments, or has no file that can be
// used there. Others: those of pins_of.
Result<std::vector<resolver::Pin>> pins_of_build(const lock::LockedBuild& build,
                                                 const std::vector<lock::LockedPackage>& packages,
                                                 const pep::Target& target, const LockPlace& place, Session& session);

}  // namespace pkg::ops
