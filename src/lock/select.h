#pragma once
// Which packages and files of a lock are for an environment: evaluation of markers and tags, no solver (PEP 751,
// "Installation").

#include <optional>
#include <span>
#include <variant>
#include <vector>

#include "base/result.h"
#include "lock/lock_file.h"
#include "pep/target.h"

namespace pkg::lock {

struct Selection {
  const LockedPackage* package = nullptr;
  // Exactly one of what the package offers.
  enum class Kind { wheel, sdist, vcs, directory, archive } kind = Kind::wheel;
  const LockedFile* file = nullptr;  // wheel, sdist and archive
};

struct SelectOptions {
  std::optional<std::vector<pep::Name>> extras;  // nullopt: none
  std::optional<std::vector<pep::Name>> groups;  // nullopt: the lock's default-groups
  std::vector<pep::Name> prefer_sdist;           // names for which an sdist wins over wheels
  bool wheels_only = false;                      // an sdist, tree or archive is an error that names it
};

// In the order of the lock. Errors: requires-python, environments or a group do not accept the target, an extra or
// group the lock does not have, two entries of one name at once, no usable file. `target` outlives nothing: the result
// points into `lock`.
Result<std::vector<Selection>> select(const LockFile& lock, const pep::Target& target, const SelectOptions& options);

}  // namespace pkg::lock
