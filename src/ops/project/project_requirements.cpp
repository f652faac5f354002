// requirements_of: what locking a project asks for. docs/reference/project.md#what-is-locked

#include <algorithm>
#include <map>

#include "base/text.h"
#include "ops/project/member_tables.h"
#include "ops/project/own_project.h"
#include "ops/project/project.h"
#include "ops/project/project_sources.h"
#include "pep/specifier_relation.h"
#include "resolver/marker_space.h"

namespace pkg::ops {
namespace {

// An extra of a member that a requirement went through: requirements that lead back to it add nothing.
struct Step {
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  std::size_t before = kNone, member = 0;
  pep::Name extra;
};

// A requirement that waits: written in `member`, asked for under `condition` beside its own marker.
struct Waiting {
  pep::Requirement requirement;
  WrittenIn list;
  std::size_t member = 0;
  pep::Marker condition;
  std::size_t path = Step::kNone;
};

class Collector {
 public:
  explicit Collector(const Project& project) : project_(project), tables_(project) {
    for (std::size_t i = 0; i < project_.members.size(); ++i) {
      const auto& member = project_.members[i];
      if (!member.name.empty()) by_name_.try_emplace(member.name, i);
      if (tables_.of(i) == nullptr) continue;
      for (const auto& [extra, requirements] : tables_.of(i)->optional_dependencies)
        extras_of_.try_emplace({i, extra}, &requirements);
    }
  }

  Result<ProjectRequirements> run() {
    PKG_TRY(read_pythons());
    for (std::size_t i = 0; i < project_.members.size(); ++i) PKG_TRY(add_member(i));
    if (pep::is_unsatisfiable(result_.requires_python)) return no_python();
    PKG_TRY(check_group_pythons());
    for (auto* names : {&result_.extras, &result_.groups}) {
      std::ranges::sort(*names);
      names->erase(std::unique(names->begin(), names->end()), names->end());
    }
    PKG_TRY(choose_default_groups());
    PKG_TRY(check_conflicts());
    PKG_TRY(check_source_lists());
    PKG_TRY_ASSIGN(result_.index_rules, index_sources(project_, when_asked()));
    return std::move(result_);
  }

 private:
  static constexpr std::size_t kMostRequirements = 100'000;  // extras that name each other twice grow by powers

  // What the members say of Python: of themselves, and of their groups. Groups of one name are one.
  Status read_pythons() {
    for (const auto& member : project_.members) {
      if (const auto& project = member.pyproject.project)
        result_.requires_python = result_.requires_python.intersect(project->requires_python);
      PKG_TRY(read_groups(member));
    }
    // What narrows nothing is not worth a word in the lock.
    std::erase_if(result_.group_pythons,
                  [&](const auto& group) { return pep::relation(result_.requires_python, group.second).subset; });
    return ok_status();
  }

  Status read_groups(const Member& member) {
    auto& groups = groups_of_.emplace_back();
    const auto* table = member.pyproject.root.get("dependency-groups");
    if (table != nullptr && table->as_table() != nullptr) {
      PKG_TRY_ASSIGN(groups, pep::all_dependency_groups(member.pyproject, member.file_name,
                                                        without_origins(member.group_pythons)));
    }
    for (const auto& [name, group] : member.group_pythons)
      if (std::ranges::find(groups, name, &pep::DependencyGroup::name) == groups.end())
        return unknown_group(name, group.origin, groups);
    for (const auto& group : groups) {
      if (group.pythons.empty()) continue;
      auto& pythons = result_.group_pythons[group.name];
      pythons = pythons.intersect(group.pythons);
    }
    return ok_status();
  }

  static Error unknown_group(const pep::Name& name, const Origin& origin,
                             const std::vector<pep::DependencyGroup>& groups) {
    std::vector<pep::Name> known;
    for (const auto& group : groups) known.push_back(group.name);
    return unknown_name(name, "dependency group", "dependency-groups", known).with(cat("at ", origin.to_string()));
  }

  Status add_member(std::size_t index) {
    if (tables_.of(index) != nullptr) PKG_TRY(add_project(index, *tables_.of(index)));
    for (auto& group : groups_of_[index]) {
      auto condition = pep::in_dependency_groups(group.name);
      if (const auto pythons = result_.group_pythons.find(group.name); pythons != result_.group_pythons.end())
        condition = pep::both(condition, pep::for_pythons(pythons->second));
      PKG_TRY(add_all(index, group.requirements, {{}, group.name}, condition));
      result_.groups.push_back(std::move(group.name));
    }
    return ok_status();
  }

  Status add_project(std::size_t index, const pep::ProjectTable& project) {
    for (const std::string_view key : {"dependencies", "optional-dependencies"}) {
      if (std::ranges::find(project.dynamic, key) == project.dynamic.end()) continue;
      return make_error(ErrorKind::unsupported,
                        cat("the ", key, " of ", quote(project.name.str()),
                            " are dynamic: its build backend would have to tell them"),
                        "write them into [project] of pyproject.toml")
          .with(cat("in ", project_.members[index].file_name));
    }
    PKG_TRY(add_all(index, project.dependencies, {}, {}));
    for (const auto& [extra, requirements] : project.optional_dependencies) {
      PKG_TRY(add_all(index, requirements, {extra, {}}, pep::in_extras(extra)));
      result_.extras.push_back(extra);
    }
    return ok_status();
  }

  Status add_all(std::size_t member, const std::vector<pep::Requirement>& requirements, const WrittenIn& list,
                 const pep::Marker& condition) {
    path_.clear();
    wait(member, requirements, list, condition, Step::kNone);
    while (!waiting_.empty()) {
      const auto next = std::move(waiting_.back());
      waiting_.pop_back();
      PKG_TRY(add(next));
      if (result_.requirements.size() > kMostRequirements) return too_many(next);
    }
    return ok_status();
  }

  // So that they come in the order they are written.
  void wait(std::size_t member, const std::vector<pep::Requirement>& requirements, const WrittenIn& list,
            const pep::Marker& condition, std::size_t path) {
    if (!list.extra.empty()) asked_[list.extra].push_back(condition);
    for (auto at = requirements.rbegin(); at != requirements.rend(); ++at)
      waiting_.push_back({*at, list, member, condition, path});
  }

  // Only what sources are for.
  WhenAsked when_asked() const {
    WhenAsked found;
    for (const auto& member : project_.members)
      for (const auto& [name, sources] : member.own_sources)
        for (const auto& source : sources) {
          const auto asked = asked_.find(source.extra);
          if (asked == asked_.end() || found.contains(source.extra)) continue;
          resolver::MarkerSpace space;
          auto any = resolver::MarkerSpace::kNone;
          for (const auto& condition : asked->second) any = space.either(any, space.of(condition));
          if (any != resolver::MarkerSpace::kNone) found.emplace(source.extra, space.marker(any));
        }
    return found;
  }

  Status add(const Waiting& item) {
    const auto& writer = project_.members[item.member];
    const auto wanted = by_name_.find(item.requirement.name);
    if (wanted != by_name_.end()) return add_member_requirement(item, writer, wanted->second);
    return add_with_sources(item.requirement, item.list, writer, project_, item.condition, result_);
  }

  // A member is in the lock anyway: only the extras that are asked for count.
  Status add_member_requirement(const Waiting& item, const Member& writer, std::size_t member) {
    const auto& wanted = project_.members[member];
    PKG_TRY(check_member_requirement(item.requirement, writer, wanted, project_));
    const auto& extras = item.requirement.extras;
    const auto condition = pep::both(item.requirement.marker, item.condition);
    for (auto extra = extras.rbegin(); extra != extras.rend(); ++extra) {
      if (went_through(item.path, member, *extra)) continue;
      const auto found = extras_of_.find({member, *extra});
      if (found == extras_of_.end())
        return no_such_extra(*wanted.pyproject.project, *extra).with(cat("at ", item.requirement.origin.to_string()));
      path_.push_back({item.path, member, *extra});
      if (++steps_ > kMostRequirements) return too_many(item);
      wait(member, *found->second, {*extra, {}}, condition, path_.size() - 1);
    }
    return ok_status();
  }

  bool went_through(std::size_t path, std::size_t member, const pep::Name& extra) const {
    for (; path != Step::kNone; path = path_[path].before) {
      if (path_[path].member == member && path_[path].extra == extra) return true;
    }
    return false;
  }

  static Error too_many(const Waiting& item) {
    return make_error(ErrorKind::bad_data, cat("more than ", kMostRequirements, " requirements"))
        .with(cat("at ", item.requirement.origin.to_string()));
  }

  static Error unknown_name(const pep::Name& name, std::string_view kind, std::string_view setting,
                            const std::vector<pep::Name>& names) {
    std::vector<std::string> known;
    for (const auto& one : names) known.push_back(one.str());
    auto error = make_error(ErrorKind::not_found, cat("there is no ", kind, ' ', quote(name.str())));
    if (const auto near = nearest(name.str(), known)) error.hint = cat("did you mean ", quote(*near), '?');
    return std::move(error).with(cat("in tool.pkg.", setting));
  }

  Error no_python() const {
    auto error = make_error(ErrorKind::conflict,
                            cat("no Python fits `requires-python` ", quote(result_.requires_python.to_string())));
    for (const auto& member : project_.members) {
      const auto& table = member.pyproject.project;
      if (table && table->has_requires_python)
        error.context.push_back(cat(member.file_name, " says ", quote(table->requires_python.to_string())));
    }
    return error;
  }

  Status check_group_pythons() const {
    for (const auto& [name, pythons] : result_.group_pythons) {
      if (!pep::relation(result_.requires_python, pythons).disjoint) continue;
      auto error = make_error(ErrorKind::conflict,
                              cat("no Python of the project is one of the dependency group ", quote(name.str()),
                                  ": its requires-python is ", quote(pythons.to_string()), ", and that of the project ",
                                  quote(result_.requires_python.to_string())));
      for (const auto& member : project_.members)
        for (const auto& [group, own] : member.group_pythons)
          error.context.push_back(
              cat(own.origin.to_string(), " says ", quote(own.pythons.to_string()), " of ", quote(group.str())));
      return error;
    }
    return ok_status();
  }

  Status choose_default_groups() {
    const auto& settings = project_.settings;
    if (settings.all_groups_by_default) result_.default_groups = result_.groups;
    for (const auto& text : settings.default_groups) {
      PKG_TRY_ASSIGN(auto name, pep::Name::parse(text));
      const bool exists = std::ranges::binary_search(result_.groups, name);
      if (!exists && settings.names_default_groups)
        return unknown_name(name, "dependency group", "default-groups", result_.groups);
      if (exists) result_.default_groups.push_back(std::move(name));
    }
    return ok_status();
  }

  // Lists that sources are for.
  Status check_source_lists() {
    for (const auto& member : project_.members)
      for (const auto& [name, sources] : member.own_sources)
        for (const auto& source : sources)
          for (const bool is_group : {false, true}) {
            const auto& list = is_group ? source.group : source.extra;
            const auto& known = is_group ? result_.groups : result_.extras;
            if (!list.empty() && !std::ranges::binary_search(known, list))
              return unknown_name(list, is_group ? "dependency group" : "extra", "sources", known)
                  .with(cat("at ", source.origin.to_string()));
          }
    return ok_status();
  }

  Status check_conflicts() {
    for (const auto& set : project_.settings.conflicts) {
      for (const auto& item : set) {
        const auto& known = item.is_group ? result_.groups : result_.extras;
        if (!std::ranges::binary_search(known, item.name)) {
          return unknown_name(item.name, item.is_group ? "dependency group" : "extra", "conflicts", known);
        }
      }
    }
    return ok_status();
  }

  const Project& project_;
  MemberTables tables_;
  ProjectRequirements result_;
  std::vector<std::vector<pep::DependencyGroup>> groups_of_;  // by member
  std::vector<Waiting> waiting_;                              // a stack
  std::vector<Step> path_;
  std::map<pep::Name, std::vector<pep::Marker>> asked_;  // for the list of an extra, under these conditions
  std::size_t steps_ = 0;  // of all paths: chains of extras, each of which asks for the next, grow by the square
  std::map<pep::Name, std::size_t> by_name_;
  std::map<std::pair<std::size_t, pep::Name>, const std::vector<pep::Requirement>*> extras_of_;
};

}  // namespace

Result<ProjectRequirements> requirements_of(const Project& project) { return Collector(project).run(); }

}  // namespace pkg::ops
