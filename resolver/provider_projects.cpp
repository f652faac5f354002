// Projects as the solver sees them: made when first named, with numbered versions, sets for requirements, and what
// policy rules out.

#include <algorithm>
#include <unordered_map>

#include "base/text.h"
#include "pep/specifier_relation.h"
#include "resolver/provider.h"
#include "resolver/specifier_set.h"
#include "resolver/wheel_metadata.h"

namespace pkg::resolver {

using pubgrub::PackageId;
using pubgrub::Solver;
using pubgrub::Value;
using pubgrub::VersionSet;

namespace {

constexpr std::uint32_t kLargestBatch = 64;

void add_unique(std::vector<std::string>& urls, const std::string& url) {
  if (!url.empty() && std::find(urls.begin(), urls.end(), url) == urls.end()) urls.push_back(url);
}

}  // namespace

// --- versions --------------------------------------------------------------------------------------------------------

Status Provider::load_versions(Project& project) {
  std::vector<std::string> root_urls;
  if (const auto own = root_by_name_.find(project.name); own != root_by_name_.end()) {
    project.is_root_requirement = true;
    for (const pep::Requirement* const requirement : own->second) add_unique(root_urls, requirement->url);
  }
  const auto constraints = constraints_.find(project.name);
  if (constraints != constraints_.end())
    for (const pep::Requirement* const constraint : constraints->second) add_unique(root_urls, constraint->url);
  project.direct_urls = root_urls;
  if (const auto known = book_.urls.find(project.name); known != book_.urls.end())
    for (const std::string& url : known->second) add_unique(project.direct_urls, url);
  for (const std::string& url : project.direct_urls) {
    auto answer = source_.direct(project.name, url);
    if (!answer) {
      auto asker = asker_of_url(project.name, url);  // the command line's own words are in the message
      return asker == Origin::command_line().to_string() ? std::move(answer).error()
                                                         : std::move(answer).error().with(cat("asked for by ", asker));
    }
    project.versions.push_back(answer->file != nullptr ? answer->file->version : pep::Version());
    project.direct.push_back(*std::move(answer));
  }
  if (!root_urls.empty()) return ok_status();
  ++listings_asked_;
  PKG_TRY_ASSIGN(project.listing, project.source->listing(project.name));
  project.versions.reserve(project.versions.size() + project.listing->releases.size());
  for (const Release& release : project.listing->releases) project.versions.push_back(release.version);
  return ok_status();
}

// A part of the fork is to be solved for by itself: then parts_ has it and the rest, and the run ends.
bool Provider::falls_apart(MarkerSet where) {
  if (fork_ == nullptr || stop_ || where == MarkerSpace::kNone) return false;
  MarkerSpace& space = world_->space();
  if (space.implies(fork_->environments, where)) return false;
  parts_ = {space.both(fork_->environments, where), space.without(fork_->environments, where)};
  stop_ = Stop::must_split;
  return true;
}

// The index that a project comes from by the problem's rules. Where they differ within the fork, it falls apart.
std::string Provider::index_of(const pep::Name& name) {
  for (const IndexRule& rule : problem_.index_rules) {
    if (rule.name != name) continue;
    const MarkerSet where = condition(rule.where, {});
    if (where == MarkerSpace::kNone) continue;
    falls_apart(where);
    return rule.index;
  }
  return {};
}

// A URL that the root asks for in a part of the fork counts there only, when the root asks for the project elsewhere
// too.
void Provider::keep_urls_apart(const pep::Name& name) {
  const auto is_of_project = [&](const ActiveRequirement& active) { return active.requirement->name == name; };
  for (const ActiveRequirement& active : root_) {
    if (!is_of_project(active) || active.requirement->url.empty()) continue;
    const bool is_asked_elsewhere = std::ranges::any_of(root_, [&](const ActiveRequirement& other) {
      return is_of_project(other) && other.requirement->url != active.requirement->url &&
             !world_->space().implies(world_->space().both(fork_->environments, other.condition), active.condition);
    });
    if (is_asked_elsewhere && falls_apart(active.condition)) return;
  }
}

// Where it is written, or the release that needs it.
std::string Provider::asker_of_url(const pep::Name& name, const std::string& url) const {
  for (const auto* by_name : {&root_by_name_, &constraints_, &overrides_}) {
    const auto known = by_name->find(name);
    if (known == by_name->end()) continue;
    for (const pep::Requirement* const requirement : known->second)
      if (requirement->url == url) return requirement->origin.to_string();
  }
  const auto askers = book_.asked_by.find({name, url});
  if (askers == book_.asked_by.end() || askers->second.empty()) return quote(name.str());
  const auto& [asker, version] = askers->second.front();
  return cat(quote(asker.str()), ' ', version.to_string());
}

Result<Project*> Provider::ensure(Solver& solver, const pep::Name& name) {
  const auto [known, is_new] = by_name_.try_emplace(name, nullptr);
  if (!is_new) return known->second;
  Project& project = projects_.emplace_back();
  known->second = &project;
  project.name = name;
  if (fork_ != nullptr) keep_urls_apart(name);
  project.index = index_of(name);
  project.source = project.index.empty() ? &source_ : &source_.from(project.index);
  PKG_TRY(load_versions(project));
  project.id = solver.add_package(project.version_count());
  packages_.push_back(Package{Package::Kind::project, &project, {}});
  apply_policy(solver, project);
  apply_constraints(solver, project);
  return &project;
}

Status Provider::ensure_all(Solver& solver, std::span<const ActiveRequirement> requirements) {
  std::vector<pep::Name> unknown;
  for (const ActiveRequirement& active : requirements)
    if (!by_name_.contains(active.requirement->name) && active.requirement->url.empty() &&
        !has_index_rule(problem_.index_rules, active.requirement->name))
      unknown.push_back(active.requirement->name);
  if (unknown.size() > 1) source_.want_listings(unknown);
  for (const ActiveRequirement& active : requirements) PKG_TRY(ensure(solver, active.requirement->name));
  return ok_status();
}

PackageId Provider::extra_package(Solver& solver, Project& project, const pep::Name& extra) {
  const auto [known, is_new] = project.extras.try_emplace(extra, pubgrub::kNoPackage);
  if (is_new) {
    known->second = solver.add_package(1, project.id);
    packages_.push_back(Package{Package::Kind::extra, &project, extra});
  }
  return known->second;
}

// --- policy ----------------------------------------------------------------------------------------------------------

void Provider::apply_policy(Solver& solver, Project& project) {
  const Policy& policy = problem_.policy;
  project.lowest_first =
      policy.order == Order::lowest || (policy.order == Order::lowest_direct && project.is_root_requirement);
  const std::uint32_t bits = project.version_count() + 1;
  project.prereleases = solver.sets().empty(bits);
  for (Value i = project.direct_count(); i < project.version_count(); ++i)
    if (project.versions[i].is_prerelease()) project.prereleases.insert(i);

  const auto own_preferences = preferred_.find(project.name);
  const auto preferences = own_preferences != preferred_.end()
                               ? std::span<const Preference* const>(own_preferences->second)
                               : std::span<const Preference* const>();
  for (const Preference* const preference : preferences) {
    if (world_ == nullptr ? !holds(preference->marker, {})
                          : !world_->guarded().meets(world_->guarded(preference->marker), fork_->environments))
      continue;
    const auto at =
        std::find(project.versions.begin() + project.direct_count(), project.versions.end(), preference->version);
    if (at == project.versions.end()) continue;
    const auto value = static_cast<Value>(at - project.versions.begin());
    if (std::find(project.preferences.begin(), project.preferences.end(), value) == project.preferences.end())
      project.preferences.push_back(value);
  }

  bool mentions_prerelease = false;
  const auto consider = [&](const pep::Requirement& requirement) {
    mentions_prerelease = mentions_prerelease || requirement.specifiers.mentions_prerelease();
    if (!pep::is_pin(requirement.specifiers)) return;
    project.yanked_allowed.resize(project.versions.size());
    for (Value i = 0; i < project.version_count(); ++i)
      if (requirement.specifiers.contains(project.versions[i])) project.yanked_allowed[i] = true;
  };
  if (const auto own = root_by_name_.find(project.name); own != root_by_name_.end())
    for (const pep::Requirement* const requirement : own->second) consider(*requirement);
  if (const auto own = constraints_.find(project.name); own != constraints_.end())
    for (const pep::Requirement* const constraint : own->second) consider(*constraint);
  if (const auto own = overrides_.find(project.name); own != overrides_.end())
    for (const pep::Requirement* const instead : own->second) consider(*instead);
  for (const ParentRule& rule : problem_.parent_rules)
    for (const pep::Requirement& instead : rule.dependencies)
      if (instead.name == project.name) consider(instead);
  for (const Value preferred : project.preferences) {
    project.yanked_allowed.resize(project.versions.size());
    project.yanked_allowed[preferred] = true;
  }

  const Prereleases prereleases = prerelease_policy(project.name);
  const bool forbidden =
      prereleases == Prereleases::disallow || (prereleases == Prereleases::explicit_only && !mentions_prerelease);
  if (forbidden && !project.prereleases.is_empty())
    solver.add_unusable(project.id, project.prereleases, note_of({.reason = {Unusable::prerelease, ""}}));
}

void Provider::apply_constraints(Solver& solver, Project& project) {
  const auto own = constraints_.find(project.name);
  if (own == constraints_.end()) return;
  for (const pep::Requirement* const constraint : own->second) {
    const MarkerSet where = condition(constraint->marker, {});
    if (splits(solver.sets().full(project.version_count() + 1), project, set_for(solver, project, *constraint), where))
      return;
    VersionSet outside = solver.sets().copy(set_for(solver, project, *constraint));
    outside.insert(outside.absent());
    outside.complement();
    if (outside.is_empty()) continue;
    solver.add_unusable(project.id, outside,
                        note_of({.requirement = constraint,
                                 .dependency = project.id,
                                 .reason = {Unusable::constraint, constraint->to_string()},
                                 .condition = where}));
  }
}

// A bound that holds in a part of the fork: where another version would be taken without it, each part is solved by
// itself. Then parts_ has them, and the run ends.
bool Provider::splits(const VersionSet& domain, const Project& project, const VersionSet& needed, MarkerSet where) {
  if (fork_ == nullptr || problem_.universe->fewest_versions) return false;
  if (where == MarkerSpace::kNone || world_->space().implies(fork_->environments, where)) return false;
  return likely_value(project, domain, domain) != likely_value(project, domain, needed) && falls_apart(where);
}

// --- sets ------------------------------------------------------------------------------------------------------------

const VersionSet& Provider::interned(Project& project, VersionSet set) {
  const std::size_t hash = set.hash();
  const auto [begin, end] = project.sets.equal_range(hash);
  for (auto at = begin; at != end; ++at)
    if (at->second.equals(set)) return at->second;
  return project.sets.emplace(hash, set)->second;
}

// Dependencies of several versions on the same set become one statement; in a fork only those that hold in the same
// environments may, since a fork is split by the condition of a statement. So each condition has a set of its own.
const VersionSet& Provider::conditional_set(Solver& solver, Project& project, const VersionSet& set, MarkerSet where) {
  if (where == MarkerSpace::kAll) return set;
  const auto [known, is_new] = project.conditional_sets.try_emplace({set.identity(), where.id});
  if (is_new) known->second = solver.sets().copy(set);
  return known->second;
}

// Of two requirements that hold together somewhere: whether the one that admits less holds in a part of where the other
// does, so that the rest can have more. Then parts_ has them.
bool Provider::is_partial_bound(const ActiveRequirement& a, std::optional<Value> best_of_a, const ActiveRequirement& b,
                                std::optional<Value> best_of_b) {
  if (problem_.universe->fewest_versions || !best_of_a || !best_of_b) return false;
  MarkerSpace& space = world_->space();
  const bool a_is_tighter = *best_of_a > *best_of_b;  // values grow from new to old
  const ActiveRequirement &tight = a_is_tighter ? a : b, &loose = a_is_tighter ? b : a;
  const MarkerSet both = space.both(fork_->environments, tight.condition);
  const MarkerSet rest = space.without(fork_->environments, tight.condition);
  if (both == MarkerSpace::kNone || space.disjoint(rest, loose.condition)) return false;
  parts_ = {both, rest};
  return true;
}

// Requirements of one parent on one project whose conditions exclude each other, and which would get different
// versions: each gets its part of the fork.
bool Provider::find_clash(Solver& solver, std::span<const ActiveRequirement> requirements) {
  MarkerSpace& space = world_->space();
  struct Wanted {
    const ActiveRequirement* active;
    std::optional<Value> best;
  };
  std::unordered_map<pep::Name, std::vector<Wanted>> by_name;
  for (const ActiveRequirement& active : requirements) {
    Project& project = *by_name_.find(active.requirement->name)->second;
    const VersionSet& set = set_for(solver, project, *active.requirement);
    by_name[project.name].push_back({&active, likely_value(project, solver.solution().domain(project.id), set)});
  }
  for (const ActiveRequirement& active : requirements) {
    const auto& others = by_name[active.requirement->name];
    const auto own = std::ranges::find(others, &active, &Wanted::active);
    for (auto place = own; place != others.end(); ++place) {
      const Wanted& other = *place;
      if (other.best == own->best || other.active->condition == active.condition) continue;
      if (!space.disjoint(space.both(active.condition, other.active->condition), fork_->environments)) {
        if (is_partial_bound(active, own->best, *other.active, other.best)) return true;
        continue;
      }
      parts_ = {space.both(fork_->environments, active.condition),
                space.without(fork_->environments, active.condition)};
      return true;
    }
  }
  return false;
}

const VersionSet& Provider::set_for(Solver& solver, Project& project, const pep::Requirement& requirement) {
  const VersionSet*& known = project.sets_by_requirement[&requirement];
  if (known == nullptr) known = &set_for_text(solver, project, requirement);
  return *known;
}

const VersionSet& Provider::set_for_text(Solver& solver, Project& project, const pep::Requirement& requirement) {
  const std::string text = requirement.url.empty() ? requirement.specifiers.to_string() : cat("@ ", requirement.url);
  const auto [known, is_new] = project.sets_by_text.try_emplace(text);
  if (!is_new) return known->second;
  VersionSet set = solver.sets().empty(project.version_count() + 1);
  if (!requirement.url.empty()) {
    const auto at = std::find(project.direct_urls.begin(), project.direct_urls.end(), requirement.url);
    if (at != project.direct_urls.end()) set.insert(static_cast<Value>(at - project.direct_urls.begin()));
  } else {
    for (Value i = 0; i < project.direct_count(); ++i)
      if (project.direct[i].file == nullptr || requirement.specifiers.contains(project.versions[i])) set.insert(i);
    insert_matching(requirement.specifiers, std::span(project.versions).subspan(project.direct_count()),
                    project.direct_count(), set, solver.sets());
  }
  known->second = interned(project, set);
  return known->second;
}

// --- asking ahead ----------------------------------------------------------------------------------------------------

// The metadata of the version that each of these packages will most likely get.
Status Provider::hint_likely(Solver& solver, std::span<const ActiveRequirement> requirements) {
  std::vector<const pep::DistFile*> files;
  for (const ActiveRequirement& active : requirements) {
    Project& project = *by_name_.find(active.requirement->name)->second;
    if (solver.solution().is_decided(project.id)) continue;
    const auto likely =
        likely_value(project, solver.solution().domain(project.id), set_for(solver, project, *active.requirement));
    if (!likely) continue;
    PKG_TRY_ASSIGN(Candidate* const candidate, files_of(project, *likely));
    if (!candidate->announced) PKG_TRY(expect_build(project, *likely, *candidate));
    announce(*candidate, files);
    if (!candidate->metadata_differs || candidate->reason) continue;
    for (const pep::DistFile* const file : wheels_that_differ(candidate->files))
      if (file != candidate->files.front()) files.push_back(file);
  }
  if (!files.empty()) source_.want_metadata(files);
  return ok_status();
}

std::optional<Value> Provider::likely_value(const Project& project, const VersionSet& domain,
                                            const VersionSet& needed) const {
  const auto fits = [&](Value value) { return domain.contains(value) && needed.contains(value); };
  for (const Value preferred : project.preferences)
    if (fits(preferred)) return preferred;
  const bool split = finals_first(project);
  std::optional<Value> prerelease;
  for (auto value = project.next_release(domain, std::nullopt); value; value = project.next_release(domain, value)) {
    if (!needed.contains(*value) || is_plainly_yanked(project, *value)) continue;
    if (!split || !project.prereleases.contains(*value)) return value;
    if (!prerelease) prerelease = value;
  }
  return prerelease;
}

void Provider::announce(Candidate& candidate, std::vector<const pep::DistFile*>& files) {
  if (candidate.reason || candidate.complete || candidate.announced) return;
  candidate.announced = true;
  files.push_back(candidate.files.front());
}

// A package whose versions keep being rejected: the next ones at once, in batches that grow.
Status Provider::hint_older(Project& project, Value from) {
  std::vector<const pep::DistFile*> files;
  const bool split = finals_first(project);
  const bool prereleases = project.prereleases.contains(from);
  const Value count = project.version_count();
  for (Value step = 0; step < count && files.size() < project.batch; ++step) {
    const Value value = project.lowest_first ? from - step : from + step;
    if (value >= count) break;
    if (split && project.prereleases.contains(value) != prereleases) continue;
    if (is_plainly_yanked(project, value)) continue;
    PKG_TRY_ASSIGN(Candidate* const candidate, files_of(project, value));
    announce(*candidate, files);
  }
  project.next_batch_at = project.metadata_asked + static_cast<std::uint32_t>(files.size()) + 1;
  project.batch = std::min(project.batch * 2, kLargestBatch);
  if (!files.empty()) source_.want_metadata(files);
  return ok_status();
}

}  // namespace pkg::resolver
