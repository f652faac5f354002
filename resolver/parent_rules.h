#pragma once
// What the project says in place of one parent: overrides and excludes that hold for what the releases of one project
// ask for, and for nothing else. docs/reference/project.md#overrides

#include <memory>
#include <span>
#include <vector>

#include "pep/metadata.h"
#include "pep/name.h"
#include "pep/requirement.h"
#include "pep/version.h"
#include "resolver/problem.h"

namespace pkg::resolver {

class ForkWorld;

// `version`: null where nothing tells it; then every rule of that parent counts.
bool holds_for(const ParentRule& rule, const pep::Name& parent, const pep::Version* version);

// The rules of one release. A name that several rules say something else of: those that name versions of the parent go
// before those that do not; of equals all count.
class RulesOfParent {
 public:
  // All arguments outlive it.
  RulesOfParent(std::span<const ParentRule> rules, const pep::Name& parent, const pep::Version* version);

  bool is_empty() const { return rules_.empty(); }
  // What the parent states, as the rules have it: itself, what stands in its place, or nothing. What stands in its
  // place keeps the marker, and the extras where the rule names none.
  void take(const pep::Requirement& stated, std::vector<pep::Requirement>& out);
  // When everything was taken: requirements of rules whose names the parent does not state.
  void add_others(std::vector<pep::Requirement>& out) const;

 private:
  bool is_excluded(const pep::Name& name) const;
  std::vector<const pep::Requirement*> instead_of(const pep::Name& name) const;

  std::vector<const ParentRule*> rules_;  // in order
  std::vector<pep::Name> stated_;
};

// `stated` as the problem's rules have it; itself where no rule is about it. In a universal resolution (`world` is not
// null) the same object for the same metadata.
std::shared_ptr<const pep::Metadata> with_rules(std::shared_ptr<const pep::Metadata> stated, const Problem& problem,
                                                ForkWorld* world);

}  // namespace pkg::resolver
