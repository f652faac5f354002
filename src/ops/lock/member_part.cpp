#include "ops/lock/member_part.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/text.h"
#include "ops/project/dynamic_members.h"
#include "pep/requirement.h"

namespace pkg::ops {
namespace {

Status add_names(const std::vector<std::string>& texts, std::vector<pep::Name>& names) {
  for (const auto& text : texts) {
    PKG_TRY_ASSIGN(auto name, pep::Name::parse(text));
    names.push_back(std::move(name));
  }
  return ok_status();
}

std::set<pep::Name> known_names(const lock::LockFile& lock) {
  std::set<pep::Name> names;
  for (const auto& package : lock.packages) names.insert(package.name);
  for (const auto& text : lock.tool.requirements)
    if (const auto requirement = pep::Requirement::parse(text)) names.insert(requirement->name);
  return names;
}

}  // namespace

Result<std::optional<std::vector<std::size_t>>> chosen_members(const LockUse& use, const LockSource& source) {
  using Answer = std::optional<std::vector<std::size_t>>;
  const auto* project = source.project();
  const bool is_of_project = project != nullptr && use.file.empty() && use.lock.script.empty();
  if (!is_of_project && use.members.is_set())
    return make_error(ErrorKind::usage, "--package and --all-packages choose members of a project, and there is none",
                      use.file.empty() ? "" : "a lock that is named is taken whole");
  if (!is_of_project) return Answer();
  PKG_TRY_ASSIGN(auto chosen, choose_members(*project, use.members));
  if (!chosen || use.members.is_set()) return chosen;
  const auto reached = reachable_members(*project, *chosen);
  if (std::ranges::any_of(reached, [&](std::size_t i) { return is_dynamic(project->members[i]); })) return Answer();
  return chosen;
}

Result<MemberNeeds> needs_in(const Project& project, const std::vector<std::size_t>& chosen,
                             const SelectionOptions& selection, const lock::LockFile& lock) {
  ChosenLists named;
  PKG_TRY(add_names(selection.extras, named.extras));
  PKG_TRY(add_names(selection.groups, named.groups));
  PKG_TRY(add_names(selection.only_groups, named.groups));
  PKG_TRY(check_lists(project, chosen, named));
  PKG_TRY_ASSIGN(auto wanted, select_options(selection, lock));
  return needs_of(project, chosen,
                  {std::move(wanted.extras).value_or(std::vector<pep::Name>()),
                   std::move(wanted.groups).value_or(lock.default_groups), !selection.only_groups.empty()});
}

std::vector<std::string> unknown_roots(const MemberNeeds& needs, const Project& project, const lock::LockFile& lock,
                                       const pep::Environment& environment) {
  std::vector<std::string> lines;
  const auto known = known_names(lock);
  const auto& excludes = project.settings.excludes;
  for (const auto& requirement : needs.requirements) {
    if (known.contains(requirement.name) || std::ranges::find(excludes, requirement.name) != excludes.end()) continue;
    if (!requirement.marker.evaluate({.environment = environment})) continue;
    lines.push_back(cat("the lock has no ", quote(requirement.name.str()), ", which ", requirement.origin.to_string(),
                        " asks for: it is left out"));
  }
  return lines;
}

}  // namespace pkg::ops
