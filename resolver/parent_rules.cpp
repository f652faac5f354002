#include "resolver/parent_rules.h"

#include <algorithm>
#include <utility>

#include "resolver/fork.h"

namespace pkg::resolver {

namespace {

bool names(const std::vector<pep::Name>& list, const pep::Name& name) {
  return std::ranges::find(list, name) != list.end();
}

bool names_versions(const ParentRule& rule) { return !rule.parent.specifiers.empty(); }

std::shared_ptr<const pep::Metadata> ruled(const pep::Metadata& stated, RulesOfParent& rules, bool is_own) {
  std::vector<pep::Requirement> requirements;
  for (const pep::Requirement& requirement : stated.requires_dist) rules.take(requirement, requirements);
  if (!is_own) rules.add_others(requirements);  // what an own project asks for besides its extras is the root's
  auto result = std::make_shared<pep::Metadata>(stated);
  result->requires_dist = pep::RequirementList(requirements);
  return result;
}

}  // namespace

bool holds_for(const ParentRule& rule, const pep::Name& parent, const pep::Version* version) {
  return rule.parent.name == parent && (version == nullptr || rule.parent.specifiers.contains(*version));
}

RulesOfParent::RulesOfParent(std::span<const ParentRule> rules, const pep::Name& parent, const pep::Version* version) {
  for (const ParentRule& rule : rules)
    if (holds_for(rule, parent, version)) rules_.push_back(&rule);
}

bool RulesOfParent::is_excluded(const pep::Name& name) const {
  return std::ranges::any_of(rules_, [&](const ParentRule* rule) { return names(rule->excludes, name); });
}

std::vector<const pep::Requirement*> RulesOfParent::instead_of(const pep::Name& name) const {
  std::vector<const pep::Requirement*> found;
  for (const bool with_versions : {true, false}) {
    for (const ParentRule* const rule : rules_) {
      if (names_versions(*rule) != with_versions) continue;
      for (const pep::Requirement& requirement : rule->dependencies)
        if (requirement.name == name) found.push_back(&requirement);
    }
    if (!found.empty()) break;
  }
  return found;
}

void RulesOfParent::take(const pep::Requirement& stated, std::vector<pep::Requirement>& out) {
  if (!names(stated_, stated.name)) stated_.push_back(stated.name);
  if (is_excluded(stated.name)) return;
  const auto instead = instead_of(stated.name);
  if (instead.empty()) out.push_back(stated);
  for (const pep::Requirement* const requirement : instead) {
    pep::Requirement& taken = out.emplace_back(*requirement);
    taken.marker = pep::both(stated.marker, requirement->marker);
    if (taken.extras.empty()) {
      taken.extras = stated.extras;
      taken.extras_as_written = stated.extras_as_written;
    }
  }
}

void RulesOfParent::add_others(std::vector<pep::Requirement>& out) const {
  std::vector<pep::Name> known = stated_;
  for (const ParentRule* const rule : rules_)
    for (const pep::Requirement& requirement : rule->dependencies) {
      if (names(known, requirement.name)) continue;
      known.push_back(requirement.name);
      if (is_excluded(requirement.name)) continue;
      for (const pep::Requirement* const added : instead_of(requirement.name)) out.push_back(*added);
    }
}

std::shared_ptr<const pep::Metadata> with_rules(std::shared_ptr<const pep::Metadata> stated, const Problem& problem,
                                                ForkWorld* world) {
  if (problem.parent_rules.empty() || stated == nullptr) return stated;
  RulesOfParent rules(problem.parent_rules, stated->name, &stated->version);
  if (rules.is_empty()) return stated;
  const bool is_own = std::ranges::find(problem.own, stated->name, &OwnProject::name) != problem.own.end();
  if (world == nullptr) return ruled(*stated, rules, is_own);
  std::shared_ptr<const pep::Metadata>& known = world->ruled_metadata(stated);
  if (known == nullptr) known = ruled(*stated, rules, is_own);
  return known;
}

}  // namespace pkg::resolver
