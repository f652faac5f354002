#pragma once
// What a choice of extras and groups means for a lock.

#include "base/result.h"
#include "lock/lock_file.h"
#include "lock/partial_marker.h"

namespace pkg::lock {

// No extras and the default groups where none are given. not_found names an extra or group that the lock does not have.
Result<ChosenParts> chosen_parts(const LockFile& lock, const std::optional<std::vector<pep::Name>>& extras,
                                 const std::optional<std::vector<pep::Name>>& groups);

// The projects that the locked project itself asks for with these parts, sorted: of tool.requirements.
std::vector<pep::Name> root_names(const LockFile& lock, const ChosenParts& parts);

}  // namespace pkg::lock
