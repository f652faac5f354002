#pragma once
// The part of a workspace's lock that some of its members need.

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "lock/lock_file.h"
#include "ops/lock/lock_source.h"
#include "ops/lock/locked_pins.h"
#include "ops/project/member_choice.h"

namespace pkg::ops {

// choose_members() for the lock's project; nullopt: all of them, or there is no workspace. Where nothing is said and
// only a build backend could tell what the member here needs, all. usage: members are named, and what is meant is a
// file or a script. Others: those of choose_members().
Result<std::optional<std::vector<std::size_t>>> chosen_members(const LockUse& use, const LockSource& source);

// What they need with these extras and groups. Errors: those of select_options(), check_lists() and needs_of().
Result<MemberNeeds> needs_in(const Project& project, const std::vector<std::size_t>& chosen,
                             const SelectionOptions& selection, const lock::LockFile& lock);

// Of a lock that is taken as it is (--frozen): one line for each project that is asked for there, and that it does not
// know.
std::vector<std::string> unknown_roots(const MemberNeeds& needs, const Project& project, const lock::LockFile& lock,
                                       const pep::Environment& environment);

}  // namespace pkg::ops
