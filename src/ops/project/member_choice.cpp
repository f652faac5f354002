// A lock is of a whole workspace. What one member needs of it is a question of reach: from its own lists, through the
// members that they name (their dependencies, and the extras that are named with them), to requirements on everything
// else. The least fixpoint over (member, list), with the environments in which each list counts; as in lock/cut, which
// goes on from there through the lock's own dependencies. Each list is walked again only when it counts in more
// environments than before, so that a workspace in which nobody uses markers is walked once: linear in what its files
// say.
#include "ops/project/member_choice.h"

#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <utility>

#include "base/text.h"
#include "ops/project/member_tables.h"
#include "ops/project/members.h"
#include "resolver/marker_space.h"

namespace pkg::ops {
namespace {

using resolver::MarkerSet;
using resolver::MarkerSpace;
using Chosen = std::vector<std::size_t>;

bool is_told_by_backend(const pep::ProjectTable& table) {
  return std::ranges::any_of(
      table.dynamic, [](const std::string& key) { return key == "dependencies" || key == "optional-dependencies"; });
}

std::map<pep::Name, std::size_t> members_by_name(const Project& project) {
  std::map<pep::Name, std::size_t> by_name;
  for (std::size_t i = 0; i < project.members.size(); ++i)
    if (!project.members[i].name.empty()) by_name.try_emplace(project.members[i].name, i);
  return by_name;
}

// The members whose own lists count: a root without [project] has groups for everybody.
Chosen with_common_root(const Project& project, const Chosen& chosen) {
  auto all = chosen;
  if (project.members.front().name.empty() && (all.empty() || all.front() != 0)) all.insert(all.begin(), 0);
  return all;
}

struct List {
  std::size_t member = 0;
  enum class Kind { dependencies, extra, group } kind = Kind::dependencies;
  pep::Name name = {};
  auto operator<=>(const List&) const = default;
};

class Reach {
 public:
  explicit Reach(const Project& project)
      : project_(project), tables_(project), by_name_(members_by_name(project)), groups_of_(project.members.size()) {}

  Status begin(const Chosen& chosen, const ChosenLists& lists) {
    for (const auto member : with_common_root(project_, chosen)) {
      PKG_TRY_ASSIGN(groups_of_[member], groups_of(project_.members[member]));
      for (const auto& group : groups_of_[member])
        if (std::ranges::find(lists.groups, group.name) != lists.groups.end())
          widen({member, List::Kind::group, group.name}, MarkerSpace::kAll);
    }
    if (lists.only_groups) return ok_status();
    for (const auto member : chosen) {
      widen({member}, MarkerSpace::kAll);
      for (const auto& extra : lists.extras) widen({member, List::Kind::extra, extra}, MarkerSpace::kAll);
    }
    return ok_status();
  }

  Status run() {
    while (!open_.empty()) {
      const auto list = std::move(open_.front());
      open_.pop_front();
      PKG_TRY(follow(list, where_[list]));
    }
    return ok_status();
  }

  MemberNeeds result() {
    MemberNeeds needs;
    for (const auto& [list, where] : where_) {
      const bool is_table = project_.members[list.member].name.empty();  // of a root: for its groups
      if (list.kind == List::Kind::dependencies || is_table)
        needs.members.push_back({list.member, space_.marker(where)});
      const auto* requirements = requirements_of_list(list);
      if (requirements == nullptr) continue;
      const auto condition = space_.marker(where);
      for (auto requirement : *requirements) {
        if (by_name_.contains(requirement.name)) continue;
        requirement.marker = pep::both(requirement.marker, condition);
        needs.requirements.push_back(std::move(requirement));
      }
    }
    return needs;
  }

 private:
  static Result<std::vector<pep::DependencyGroup>> groups_of(const Member& member) {
    const auto* table = member.pyproject.root.get("dependency-groups");
    if (table == nullptr || table->as_table() == nullptr) return std::vector<pep::DependencyGroup>();
    return pep::all_dependency_groups(member.pyproject, member.file_name, without_origins(member.group_pythons));
  }

  const std::vector<pep::Requirement>* requirements_of_list(const List& list) const {
    if (list.kind == List::Kind::group) {
      const auto group = std::ranges::find(groups_of_[list.member], list.name, &pep::DependencyGroup::name);
      return group == groups_of_[list.member].end() ? nullptr : &group->requirements;
    }
    const auto* table = tables_.of(list.member);
    if (table == nullptr) return nullptr;
    if (list.kind == List::Kind::dependencies) return &table->dependencies;
    for (const auto& [extra, requirements] : table->optional_dependencies)
      if (extra == list.name) return &requirements;
    return nullptr;
  }

  void widen(List list, MarkerSet set) {
    if (set == MarkerSpace::kNone) return;
    const auto [known, is_new] = where_.try_emplace(list, set);
    const auto wider = is_new ? set : space_.either(known->second, set);
    if (!is_new && wider == known->second) return;
    known->second = wider;
    open_.push_back(std::move(list));
  }

  Status follow(const List& list, MarkerSet where) {
    const auto* table = tables_.of(list.member);
    if (list.kind != List::Kind::group && table != nullptr && is_told_by_backend(*table))
      return untold(project_.members[list.member]);
    const auto* requirements = requirements_of_list(list);
    if (requirements == nullptr) return ok_status();
    for (const auto& requirement : *requirements) {
      const auto wanted = by_name_.find(requirement.name);
      if (wanted == by_name_.end()) continue;
      const auto set = requirement.marker.is_trivial() ? where : space_.both(where, space_.of(requirement.marker));
      widen({wanted->second}, set);
      for (const auto& extra : requirement.extras) widen({wanted->second, List::Kind::extra, extra}, set);
    }
    return ok_status();
  }

  static Error untold(const Member& member) {
    return make_error(ErrorKind::unsupported,
                      cat("the dependencies of ", quote(member.name.str()),
                          " are dynamic: what this member alone needs is not known"),
                      "write them into [project] of its pyproject.toml, or take all members: --all-packages")
        .with(cat("in ", member.file_name));
  }

  const Project& project_;
  MemberTables tables_;
  MarkerSpace space_;
  std::map<pep::Name, std::size_t> by_name_;
  std::vector<std::vector<pep::DependencyGroup>> groups_of_;  // of the chosen ones, by member
  std::map<List, MarkerSet> where_;
  std::deque<List> open_;
};

Error in_another_member(const Project& project, std::string_view kind, const pep::Name& name,
                        const std::vector<std::string>& owners) {
  std::string hint;
  if (!owners.empty()) hint = cat(owners.front(), " has it: --package ", owners.front(), ", or --all-packages");
  const auto& place = project.member();
  return make_error(ErrorKind::not_found,
                    cat("none of the members that are meant has the ", kind, ' ', quote(name.str())), hint)
      .with(cat("called in ", quote(place.file_name)));
}

bool has_extra(const Member& member, const pep::Name& name) {
  const auto& table = member.pyproject.project;
  return table && std::ranges::any_of(table->optional_dependencies, [&](const auto& one) { return one.first == name; });
}

bool has_group(const Member& member, const pep::Name& name) {
  const auto* table = member.pyproject.root.get("dependency-groups");
  if (table == nullptr || table->as_table() == nullptr) return false;
  return std::ranges::any_of(*table->as_table(),
                             [&](const auto& entry) { return pep::normalize_name(entry.first) == name.str(); });
}

template <class Has>
Status check_names(const Project& project, const Chosen& chosen, const std::vector<pep::Name>& names,
                   std::string_view kind, const Has& has) {
  for (const auto& name : names) {
    if (std::ranges::any_of(chosen, [&](std::size_t i) { return has(project.members[i], name); })) continue;
    std::vector<std::string> owners;
    for (const auto& member : project.members)
      if (!member.name.empty() && has(member, name)) owners.push_back(member.name.str());
    if (!owners.empty()) return in_another_member(project, kind, name, owners);
  }
  return ok_status();
}

}  // namespace

Result<std::optional<Chosen>> choose_members(const Project& project, const MemberOptions& options) {
  using Answer = std::optional<Chosen>;
  if (options.all && !options.packages.empty())
    return make_error(ErrorKind::usage, "--package and --all-packages exclude each other", "name members, or take all");
  if (options.all) return Answer();
  const bool is_workspace = project.members.size() > 1;
  const bool here_is_all = !is_workspace || project.member().name.empty();
  std::set<std::size_t> chosen;
  for (const auto& word : options.packages) {
    PKG_TRY_ASSIGN(const auto found, need_member(project, word));
    chosen.insert(found);
  }
  if (chosen.empty() || options.and_here) {
    if (here_is_all) return Answer();
    chosen.insert(project.current);
  }
  if (!is_workspace) return Answer();
  return Answer(Chosen(chosen.begin(), chosen.end()));
}

Result<MemberNeeds> needs_of(const Project& project, const Chosen& chosen, const ChosenLists& lists) {
  Reach reach(project);
  PKG_TRY(reach.begin(chosen, lists));
  PKG_TRY(reach.run());
  return reach.result();
}

Chosen reachable_members(const Project& project, const Chosen& chosen) {
  const auto by_name = members_by_name(project);
  std::set<std::size_t> reached(chosen.begin(), chosen.end());
  Chosen open = chosen;
  while (!open.empty()) {
    const auto& table = project.members[open.back()].pyproject.project;
    open.pop_back();
    if (!table) continue;
    const auto add = [&](const std::vector<pep::Requirement>& requirements) {
      for (const auto& requirement : requirements) {
        const auto found = by_name.find(requirement.name);
        if (found != by_name.end() && reached.insert(found->second).second) open.push_back(found->second);
      }
    };
    add(table->dependencies);
    for (const auto& [extra, requirements] : table->optional_dependencies) add(requirements);
  }
  return {reached.begin(), reached.end()};
}

Status check_lists(const Project& project, const Chosen& chosen, const ChosenLists& lists) {
  PKG_TRY(check_names(project, chosen, lists.extras, "extra", has_extra));
  return check_names(project, with_common_root(project, chosen), lists.groups, "dependency group", has_group);
}

}  // namespace pkg::ops
