// How far a bound moves is not for the index alone to say: click 9 is no use where flask needs click<9. So the project
// is resolved once with the bounds taken off (pep/moved_bounds), in which every requirement gets the newest version
// that goes with the others. That resolution has as few versions of a name as can be, because one bound is for all
// Pythons of the project: the newest numpy may be for the newest Python alone. Then each bound moves to hold what its
// requirement got, and the project is locked with them.

#include "ops/edit/bump_bounds.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "ops/edit/edit_sources.h"
#include "ops/project/members.h"
#include "pep/moved_bounds.h"
#include "resolver/marker_space.h"

namespace pkg::ops {
namespace {

using Kind = pep::DependencyList::Kind;

// A requirement whose bounds may move.
struct Candidate {
  std::size_t manifest = 0;
  pep::DependencyList list;
  std::size_t index = 0;
  pep::Requirement requirement, relaxed;
};

bool is_among(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::any_of(names,
                             [&](const auto& one) { return pep::normalize_name(one) == pep::normalize_name(name); });
}

std::vector<pep::DependencyList> lists_of(const Member& member) {
  std::vector<pep::DependencyList> lists;
  if (member.pyproject.project) {
    lists.push_back({Kind::project, {}});
    for (const auto& [extra, unused] : member.pyproject.project->optional_dependencies)
      lists.push_back({Kind::extra, extra.str()});
  }
  const auto* table = member.pyproject.root.get("dependency-groups");
  if (table == nullptr || table->as_table() == nullptr) return lists;
  for (const auto& [group, unused] : *table->as_table()) lists.push_back({Kind::group, group});
  return lists;
}

bool has_group(const Member& member, const std::string& group) {
  return std::ranges::any_of(lists_of(member), [&](const pep::DependencyList& list) {
    return list.kind == Kind::group && is_among({group}, list.name);
  });
}

Status add_candidates(const EditedManifest& manifest, std::size_t index, const BumpOptions& options,
                      const std::set<pep::Name>& names, std::vector<Candidate>& candidates) {
  const auto& project = *manifest.project();
  const bool all = options.names.empty() && options.groups.empty();
  for (const auto& list : lists_of(project.member())) {
    const bool whole_list = all || (list.kind == Kind::group && is_among(options.groups, list.name));
    PKG_TRY_ASSIGN(const auto items, manifest.listed(list));
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (!items[i] || !(whole_list || names.contains(items[i]->name))) continue;
      if (!comes_from_index(project, items[i]->name)) continue;
      if (auto relaxed = pep::without_upper_bounds(*items[i]))
        candidates.push_back({index, list, i, *items[i], std::move(*relaxed)});
    }
  }
  return ok_status();
}

// Where a requirement counts: its marker, in its list.
pep::Marker condition_of(const Candidate& candidate) {
  const auto& marker = candidate.requirement.marker;
  const auto name = pep::Name::parse(candidate.list.name);
  if (!name) return marker;
  if (candidate.list.kind == Kind::extra) return pep::both(marker, pep::in_extras(*name));
  if (candidate.list.kind == Kind::group) return pep::both(marker, pep::in_dependency_groups(*name));
  return marker;
}

// The lowest version that the lock has where the requirement counts: all of them must stay allowed.
std::optional<pep::Version> version_for(const Candidate& candidate, const lock::LockFile& lock,
                                        resolver::MarkerSpace& space) {
  std::optional<pep::Version> lowest;
  const auto condition = space.of(condition_of(candidate));
  for (const auto& package : lock.packages) {
    if (package.name != candidate.requirement.name || !package.version) continue;
    if (space.disjoint(space.of(package.marker), condition)) continue;
    if (!lowest || *package.version < *lowest) lowest = package.version;
  }
  return lowest;
}

// The newest versions that go together, were it not for the bounds.
Result<lock::LockFile> lock_without_bounds(std::vector<EditedManifest> manifests,
                                           const std::vector<Candidate>& candidates, EditOptions options,
                                           Session& session) {
  for (const auto& candidate : candidates)
    PKG_TRY(manifests[candidate.manifest].replace(candidate.list, candidate.index, candidate.relaxed));
  options.sync.lock.fewest_versions = true;
  return trial_lock(manifests, options, session);
}

Result<std::vector<EditedManifest>> manifests_for(const BumpOptions& options, Session& session) {
  PKG_TRY_ASSIGN(const auto project, open_project(session.working_folder(), session.reporter()));
  std::vector<EditedManifest> manifests;
  if (!options.edit.package.empty()) {
    PKG_TRY_ASSIGN(const auto index, need_member(project, options.edit.package));
    manifests.push_back(EditedManifest::of_member(project, index));
    return manifests;
  }
  for (std::size_t i = 0; i < project.members.size(); ++i) manifests.push_back(EditedManifest::of_member(project, i));
  return manifests;
}

}  // namespace

Result<std::set<pep::Name>> names_in_groups(const Project& project, const std::vector<std::string>& groups) {
  std::set<pep::Name> names;
  for (const auto& group : groups) {
    bool found = false;
    for (const auto& member : project.members) {
      if (!has_group(member, group)) continue;
      found = true;
      PKG_TRY_ASSIGN(const auto read, pep::dependency_group(member.pyproject, group, member.file_name));
      for (const auto& requirement : read.requirements) names.insert(requirement.name);
    }
    if (!found) return make_error(ErrorKind::not_found, cat("there is no dependency group ", quote(group)));
  }
  return names;
}

Result<BumpReport> bump_bounds(const BumpOptions& options, Session& session) {
  PKG_TRY_ASSIGN(auto manifests, manifests_for(options, session));
  PKG_TRY(names_in_groups(*manifests.front().project(), options.groups));
  const auto names = upgraded_names(options.names);
  std::vector<Candidate> candidates;
  for (std::size_t i = 0; i < manifests.size(); ++i)
    PKG_TRY(add_candidates(manifests[i], i, options, names, candidates));
  BumpReport report;
  report.looked_at = candidates.size();
  report.dry_run = options.edit.dry_run;
  if (!candidates.empty()) {
    PKG_TRY_ASSIGN(const auto lock, lock_without_bounds(manifests, candidates, options.edit, session));
    resolver::MarkerSpace space;
    for (const auto& candidate : candidates) {
      auto& manifest = manifests[candidate.manifest];
      const auto version = version_for(candidate, lock, space);
      PKG_TRY_ASSIGN(const auto texts, manifest.listed_texts(candidate.list));
      const auto& before = texts[candidate.index];
      const auto after = version ? pep::with_moved_bounds(before, *version) : std::nullopt;
      if (!after) continue;
      PKG_TRY(manifest.replace_text(candidate.list, candidate.index, *after));
      report.bumped.push_back({manifest.display_name(), to_string(candidate.list), candidate.requirement.name.str(),
                               before, *after, version->to_string()});
    }
  }
  PKG_TRY_ASSIGN(static_cast<EditOutcome&>(report), carry_out_edits(manifests, options.edit, {}, session));
  return report;
}

}  // namespace pkg::ops
