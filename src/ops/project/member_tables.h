#pragma once
// [project] of each member, as the overrides and excludes that are for this member have it.

#include <cstddef>
#include <deque>
#include <vector>

#include "ops/project/project.h"

namespace pkg::ops {

// Valid as long as the project is.
class MemberTables {
 public:
  explicit MemberTables(const Project& project);
  // Null: the member has none.
  const pep::ProjectTable* of(std::size_t member) const { return tables_[member]; }

 private:
  const pep::ProjectTable* ruled(const Project& project, const Member& member);
  std::vector<const pep::ProjectTable*> tables_;
  std::deque<pep::ProjectTable> own_;  // of members that some rule is for
};

}  // namespace pkg::ops
