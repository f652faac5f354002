#include "resolver/problem.h"

#include <algorithm>

namespace pkg::resolver {

std::vector<std::vector<pep::MarkerAtom>> memberships_of(const std::vector<std::vector<ConflictItem>>& conflicts) {
  std::vector<std::vector<pep::MarkerAtom>> sets;
  for (const auto& exclusive : conflicts) {
    auto& set = sets.emplace_back();
    for (const ConflictItem& item : exclusive)
      set.push_back((item.is_group ? pep::in_dependency_groups(item.name) : pep::in_extras(item.name)).nodes()[0].atom);
  }
  return sets;
}

bool has_index_rule(std::span<const IndexRule> rules, const pep::Name& name) {
  return std::ranges::find(rules, name, &IndexRule::name) != rules.end();
}

}  // namespace pkg::resolver
