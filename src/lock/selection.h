#pragma once
// What a choice of extras and groups means for a lock.

#include "base/result.h"
#include "lock/lock_file.h"
#include "lock/partial_marker.h"

namespace pkg::lock {

// No extras and the default groups where none are given. not_found names an extra or group that the lock does not have.
Result<ChosenParts> chosen_parts(const LockFile& lock, const std::optional<std::vector<pep::Name>>& extras,
                                 const std::optional<std::vector<pep::Name>>& groups);

// not_found: the lock has no such group.
Status check_known_group(const LockFile& lock, const pep::Name& group);

// As chosen_parts, for what is to be installed. conflict, too: more than one of a set that the project declares to
// exclude each other ([tool.pkg] conflicts): what such a lock holds for both is no solution.
Result<ChosenParts> installable_parts(const LockFile& lock, const std::optional<std::vector<pep::Name>>& extras,
                                      const std::optional<std::vector<pep::Name>>& groups);

// conflict: `python` is outside of what one of these groups is for.
Status check_group_pythons(const LockFile& lock, const std::vector<pep::Name>& groups, const pep::Version& python);
// What these groups are for together; empty: any Python.
pep::SpecifierSet pythons_of_groups(const LockFile& lock, const std::vector<pep::Name>& groups);

// The projects that the locked project itself asks for with these parts, sorted: of tool.requirements.
std::vector<pep::Name> root_names(const LockFile& lock, const ChosenParts& parts);

}  // namespace pkg::lock
