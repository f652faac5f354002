#include "ops/project/member_tables.h"

#include <utility>

#include "resolver/parent_rules.h"

namespace pkg::ops {

MemberTables::MemberTables(const Project& project) {
  for (const auto& member : project.members) tables_.push_back(ruled(project, member));
}

const pep::ProjectTable* MemberTables::ruled(const Project& project, const Member& member) {
  const auto& stated = member.pyproject.project;
  if (!stated) return nullptr;
  const auto version = pep::Version::try_parse(stated->version);
  resolver::RulesOfParent rules(project.settings.parent_rules, stated->name, version ? &*version : nullptr);
  if (rules.is_empty()) return &*stated;
  auto& table = own_.emplace_back(*stated);
  const auto apply = [&](std::vector<pep::Requirement>& list) {
    std::vector<pep::Requirement> taken;
    for (const auto& requirement : list) {
      const auto before = taken.size();
      rules.take(requirement, taken);
      for (auto at = before; at < taken.size(); ++at) taken[at].origin = requirement.origin;  // who asks is this member
    }
    list = std::move(taken);
  };
  apply(table.dependencies);
  for (auto& [extra, requirements] : table.optional_dependencies) apply(requirements);
  rules.add_others(table.dependencies);
  return &table;
}

}  // namespace pkg::ops
