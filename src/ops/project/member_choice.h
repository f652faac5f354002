#pragma once
// Which members of a workspace a command is about (--package, --all-packages, or the folder that it was called in), and
// what these need of a lock that is of all of them. docs/reference/project.md#members

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "ops/project/project.h"
#include "pep/marker.h"
#include "pep/requirement.h"

namespace pkg::ops {

struct MemberOptions {
  std::vector<std::string> packages;  // --package
  bool all = false;                   // --all-packages
  bool and_here = false;              // besides `packages` what is meant where none is named
  bool is_set() const { return all || !packages.empty(); }
};

// The members that are meant, by their place in project.members, sorted; nullopt: all. Where nothing is said: the one
// in whose folder the command was called, and all where that is a root without [project]. usage: both options. Others:
// those of need_member().
Result<std::optional<std::vector<std::size_t>>> choose_members(const Project& project, const MemberOptions& options);

// Extras and groups that are asked for, and whether anything else is.
struct ChosenLists {
  std::vector<pep::Name> extras, groups;
  bool only_groups = false;
};

struct MemberNeeds {
  struct Needed {
    std::size_t member = 0;
    pep::Marker where;  // trivial: everywhere
  };
  std::vector<Needed> members;                 // chosen, or required by those that are; as they are in the project
  std::vector<pep::Requirement> requirements;  // of all of them, on what is no member; markers say where
};
// What `chosen` come to with these lists. What one member requires of another is that one's dependencies and the extras
// that are named. Groups of a root without [project] are everybody's. unsupported: a member whose dependencies only its
// build backend could tell · bad_data: a fault in dependency groups.
Result<MemberNeeds> needs_of(const Project& project, const std::vector<std::size_t>& chosen, const ChosenLists& lists);

// The members that may be among these needs in some environment, with any extra and group: a superset that costs
// little. Sorted.
std::vector<std::size_t> reachable_members(const Project& project, const std::vector<std::size_t>& chosen);

// not_found: an extra or group that none of `chosen` has, with the member that has it.
Status check_lists(const Project& project, const std::vector<std::size_t>& chosen, const ChosenLists& lists);

}  // namespace pkg::ops
