#pragma once
// What a lock says of builds, as builds ask for it: which distributions the environment of a source holds.
// lock/locked_builds.h makes it of a lock.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "pep/dist_file.h"
#include "pep/target.h"
#include "resolver/resolution.h"

namespace pkg::ops {

// What to do with a build that the lock does not fit: resolve its requirements as if nothing were locked, with a
// warning, or fail (--locked, --frozen).
enum class WhenUnlocked : std::uint8_t { resolve, fail };

struct LockedBuilds {
  // One file each, extras filled in. nullopt: the lock does not speak of builds of `file`. conflict: it does, and has
  // nothing that fits. Others: those of pins_of. Threads: any.
  std::function<Result<std::optional<std::vector<resolver::Pin>>>(const pep::DistFile& file, const pep::Target& target)>
      pins;
  std::string digest;  // of all that is locked: a part of keys in the cache
  WhenUnlocked when_unlocked = WhenUnlocked::resolve;
};

}  // namespace pkg::ops
