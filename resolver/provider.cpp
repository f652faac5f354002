// What the solver asks, answered in Python's terms. The solver knows numbers: packages, values, sets of bits. This file
// knows what they stand for, and looks at the world as late as it can, because a look may be a request.
//
// A package is the root, a project, or one extra of a project. When a project is first named its listing is fetched and
// its versions are numbered, newest first (URL candidates before them): from then on its world is closed. Files are
// looked at when a version is about to be chosen, metadata only when it would be chosen otherwise, and the solver hears
// of a version's dependencies once (`told_`).
//
// Whatever makes a version useless becomes a fact for the solver (add_unusable) with a note that says why; such facts
// hold at all times and survive every backjump. Notes are how explain.cpp finds the words again.
//
// An extra a[x] is a package with one value, decided after a. Its dependencies name both: "if a is 2 and a[x] is
// selected, then c>=1". Hence no rule that a[x] and a must have one version.
//
//   install a[x]   →  root needs a, root needs a[x]
//   a 2 is chosen  →  a 2 needs b>=1
//   a[x] is chosen →  a 2 with a[x] needs c        (only what the extra adds)
//
// Two things are not closed when solving starts, and end the run with an error that is none; the caller looks at the
// provider and begins again: a URL found in metadata adds a candidate to a project (must_restart, the UrlBook remembers
// it), and in a fork requirements of one parent may clash (must_split). Questions depend on answers only, never on the
// time at which these arrive: hints ask ahead and change nothing.
#include "resolver/provider.h"

#include <algorithm>

#include "base/check.h"
#include "base/text.h"
#include "resolver/parent_rules.h"
#include "resolver/wheel_metadata.h"

namespace pkg::resolver {

using pubgrub::kNoPackage;
using pubgrub::kRoot;
using pubgrub::PackageId;
using pubgrub::Solver;
using pubgrub::Value;
using pubgrub::VersionSet;

namespace {

const pep::Target& any_target() {
  static const pep::Target target;
  return target;
}

}  // namespace

Provider::Provider(const Problem& problem, PackageSource& source, UrlBook& book)
    : problem_(problem),
      source_(source),
      book_(book),
      target_(problem.targets.front()),
      files_(target_, problem.policy, PythonCheck(target_.python, problem.policy), nullptr),
      excludes_(problem.excludes) {
  take_problem(problem.preferences);
}

Provider::Provider(const Problem& problem, PackageSource& source, UrlBook& book, ForkWorld& world, const Fork& fork,
                   std::span<const Preference> preferred)
    : problem_(problem),
      source_(source),
      book_(book),
      world_(&world),
      fork_(&fork),
      target_(any_target()),
      files_(target_, problem.policy, PythonCheck(world, fork, problem.policy), &world),
      excludes_(problem.excludes) {
  take_problem(preferred);
}

void Provider::take_problem(std::span<const Preference> preferred) {
  const Problem& problem = problem_;
  packages_.push_back(Package{});
  for (const Preference& preference : preferred) preferred_[preference.name].push_back(&preference);
  std::sort(excludes_.begin(), excludes_.end());
  for (const pep::Requirement& requirement : problem.overrides) overrides_[requirement.name].push_back(&requirement);
  for (const pep::Requirement& requirement : problem.constraints)
    if (holds(requirement.marker, {})) constraints_[requirement.name].push_back(&requirement);
  for (const pep::Requirement& requirement : problem.requirements)
    if (const MarkerSet where = condition(requirement.marker, {}); where != MarkerSpace::kNone)
      apply_override(requirement, where, root_);
  for (const ActiveRequirement& active : root_) root_by_name_[active.requirement->name].push_back(active.requirement);
}

// --- requirements ----------------------------------------------------------------------------------------------------

MarkerSet Provider::condition(const pep::Marker& marker, std::span<const pep::Name> extras) const {
  if (marker.is_trivial()) return MarkerSpace::kAll;
  if (world_ == nullptr)
    return marker.evaluate({.environment = target_.environment, .extras = extras}) ? MarkerSpace::kAll
                                                                                   : MarkerSpace::kNone;
  const MarkerSet where = world_->condition(marker, extras);
  return world_->space().disjoint(where, fork_->environments) ? MarkerSpace::kNone : where;
}

void Provider::apply_override(const pep::Requirement& requirement, MarkerSet where,
                              std::vector<ActiveRequirement>& out) const {
  if (std::binary_search(excludes_.begin(), excludes_.end(), requirement.name)) return;
  const auto own = overrides_.find(requirement.name);
  if (own == overrides_.end() || requirement.is_override) {
    out.push_back({&requirement, &requirement.extras, where, &requirement});
    return;
  }
  for (const pep::Requirement* const instead : own->second) {
    MarkerSet both = condition(instead->marker, {});
    if (both != MarkerSpace::kNone && world_ != nullptr) both = world_->space().both(both, where);
    if (both == MarkerSpace::kNone) continue;
    out.push_back({instead, instead->extras.empty() ? &requirement.extras : &instead->extras, both, &requirement});
  }
}

std::vector<ActiveRequirement> Provider::active(const pep::Metadata& metadata,
                                                std::span<const pep::Name> extras) const {
  std::vector<ActiveRequirement> result;
  if (problem_.policy.no_deps) return result;
  for (const pep::Requirement& requirement : metadata.requires_dist)
    if (const MarkerSet where = condition(requirement.marker, extras); where != MarkerSpace::kNone)
      apply_override(requirement, where, result);
  return result;
}

const Project* Provider::find(const pep::Name& name) const {
  const auto at = by_name_.find(name);
  return at != by_name_.end() ? at->second : nullptr;
}

const Candidate* Provider::candidate(const Project& project, Value value) const {
  const auto at = project.candidates.find(value);
  return at != project.candidates.end() ? &at->second : nullptr;
}

std::uint32_t Provider::note_of(Note note) {
  notes_.push_back(std::move(note));
  return static_cast<std::uint32_t>(notes_.size() - 1);
}

// --- candidates ------------------------------------------------------------------------------------------------------

Result<Candidate*> Provider::files_of(Project& project, Value value) {
  const auto [known, is_new] = project.candidates.try_emplace(value);
  Candidate& candidate = known->second;
  if (!is_new) return &candidate;
  if (value < project.direct_count()) {
    const DirectAnswer& answer = project.direct[value];
    if (answer.file == nullptr) {
      candidate.reason = Reason{Unusable::no_metadata, answer.reason};
    } else {
      files_.choose(project.name, std::span(answer.file.get(), 1), FileOrigin::url, candidate);
    }
    return &candidate;
  }
  PKG_TRY_ASSIGN(const auto files, project.source->files(project.name, value - project.direct_count()));
  const bool yanked_allowed = !project.yanked_allowed.empty() && project.yanked_allowed[value];
  files_.choose(project.name, files, yanked_allowed ? FileOrigin::release_even_if_yanked : FileOrigin::release,
                candidate);
  const std::size_t release = value - project.direct_count();
  if (candidate.reason && project.listing->releases[release].has_variants)
    tell_of_variants(project.source->variant_misfit(project.name, release), *candidate.reason);
  if (fork_ != nullptr) check_files(project, candidate);
  return &candidate;
}

// Where other files cannot be used either, their reason stays, and that of the variants stands beside it.
void Provider::tell_of_variants(const std::string& misfit, Reason& reason) const {
  if (misfit.empty()) return;
  if (reason.kind == Unusable::no_files) reason = Reason{Unusable::variants, misfit};
  if (reason.kind == Unusable::tags && fork_ == nullptr) append(reason.detail, "; as for its wheel variants, ", misfit);
}

// What the fork needs files for.
void Provider::check_files(const Project& project, Candidate& candidate) const {
  if (candidate.reason) return;
  for (const FileNeed& need : fork_->needs) {
    if (need.name != project.name) continue;
    const MarkerSet covered = world_->coverage().of(candidate.files, *need.platform);
    if (!world_->space().implies(need.environments, covered))
      candidate.reason = Reason{Unusable::tags, need.platform->name};
  }
}

void Provider::check_metadata(const Project& project, Candidate& candidate) {
  const pep::Metadata& metadata = *candidate.metadata;
  if (!metadata.broken_requirements.empty()) {
    candidate.reason = Reason{Unusable::bad_metadata, metadata.broken_requirements.front()};
  } else if (metadata.has_requires_python && !files_.python().accepts(metadata.requires_python)) {
    candidate.reason = Reason{Unusable::requires_python, metadata.requires_python.to_string()};
  } else if (metadata.name != project.name) {
    candidate.reason = Reason{Unusable::bad_metadata, cat("its metadata is that of ", quote(metadata.name.str()))};
  }
}

Result<Candidate*> Provider::complete(Project& project, Value value) {
  PKG_TRY_ASSIGN(Candidate* const candidate, files_of(project, value));
  PKG_TRY(complete(project, *candidate));
  return candidate;
}

Status Provider::complete(Project& project, Candidate& candidate) {
  if (candidate.complete || candidate.reason) return ok_status();
  ++metadata_asked_;
  ++project.metadata_asked;
  PKG_TRY_ASSIGN(auto answer, source_.metadata(*candidate.files.front()));
  candidate.complete = true;
  candidate.metadata = std::move(answer.metadata);
  if (candidate.metadata == nullptr) {
    candidate.reason = Reason{Unusable::no_metadata, std::move(answer.reason)};
    unreadable_.insert(project.name);
    if (unreadable_left_ && *unreadable_left_ > 0 && --*unreadable_left_ == 0) stop_ = Stop::has_given_up;
  } else {
    check_metadata(project, candidate);
    candidate.metadata = with_rules(std::move(candidate.metadata), problem_, world_);
  }
  return ok_status();
}

// Only of what is about to be chosen: it may cost requests.
Status Provider::join_metadata(Candidate& candidate) {
  if (!candidate.metadata_differs || candidate.metadata == nullptr) return ok_status();
  candidate.metadata_differs = false;
  PKG_TRY_ASSIGN(candidate.metadata,
                 joined_metadata(std::move(candidate.metadata), candidate.files, source_, problem_, *world_));
  return ok_status();
}

Result<bool> Provider::is_usable(Solver& solver, Project& project, Value value, Builds builds) {
  std::optional<Reason> reason;
  if (is_plainly_yanked(project, value)) {
    reason = Reason{Unusable::yanked, ""};
  } else {
    PKG_TRY_ASSIGN(Candidate* const candidate, files_of(project, value));
    if (builds == Builds::may_wait && puts_off_builds_ && !candidate->has_wheel) {
      PKG_TRY_ASSIGN(const bool waits, is_put_off(project, value, *candidate));
      if (waits) reason = Reason{Unusable::format, "would have to be built, and a newer version has a wheel"};
    }
    if (!reason) {
      PKG_TRY(complete(project, *candidate));
      reason = candidate->reason;
    }
  }
  if (!reason) return true;
  rule_out(solver, project, value, *std::move(reason));
  return false;
}

void Provider::rule_out(Solver& solver, const Project& project, Value value, Reason reason) {
  const auto [note, is_new] = reason_notes_.try_emplace({project.id, reason}, 0);
  if (is_new) note->second = note_of({.dependency = project.id, .reason = std::move(reason)});
  solver.add_unusable(project.id, value, note->second);
}

// The listing says it already: no need to look at the files.
bool Provider::is_plainly_yanked(const Project& project, Value value) {
  if (value < project.direct_count() || !project.listing->releases[value - project.direct_count()].all_yanked)
    return false;
  return project.yanked_allowed.empty() || !project.yanked_allowed[value];
}

bool Provider::finals_first(const Project& project) const {
  return prerelease_policy(project.name) != Prereleases::allow;
}

Prereleases Provider::prerelease_policy(const pep::Name& name) const {
  const auto own = problem_.policy.prereleases_of.find(name);
  return own != problem_.policy.prereleases_of.end() ? own->second : problem_.policy.prereleases;
}

// The first usable one in order of preference, among finals or among pre-releases. Values grow from new to old.
Result<std::optional<Value>> Provider::first_usable(Solver& solver, Project& project, const VersionSet& allowed,
                                                    bool prereleases, bool wheels_only) {
  const bool split = finals_first(project);
  const auto try_one = [&](Value value) -> Result<bool> {
    if (project.metadata_asked >= project.next_batch_at) PKG_TRY(hint_older(project, value));
    if (wheels_only) {
      PKG_TRY_ASSIGN(const Candidate* const candidate, files_of(project, value));
      if (!candidate->reason && !candidate->has_wheel) return false;
    }
    return is_usable(solver, project, value, Builds::may_wait);
  };
  for (auto value = project.next_release(allowed, std::nullopt); value; value = project.next_release(allowed, value)) {
    if (split && project.prereleases.contains(*value) != prereleases) continue;
    PKG_TRY_ASSIGN(const bool usable, try_one(*value));
    if (usable) return value;
    if (stop_) return std::optional<Value>();
  }
  for (Value value = 0; value < project.direct_count() && !prereleases; ++value) {
    if (!allowed.contains(value)) continue;
    PKG_TRY_ASSIGN(const bool usable, try_one(value));
    if (stop_) break;
    if (!usable) continue;
    PKG_TRY_ASSIGN(const bool asked, is_asked_for(solver, project, value));
    if (asked) return std::optional<Value>(value);
  }
  return std::optional<Value>();
}

Result<bool> Provider::is_asked_for(Solver& solver, const Project& project, Value value) {
  if (project.listing == nullptr) return true;
  const auto known = book_.asked_by.find({project.name, project.direct_urls[value]});
  std::map<PackageId, VersionSet> not_asking;
  if (known != book_.asked_by.end()) {
    for (const auto& [name, version] : known->second) {
      PKG_TRY_ASSIGN(const Project* const asker, ensure(solver, name));
      const auto at = std::find(asker->versions.begin(), asker->versions.end(), version);
      if (at == asker->versions.end()) continue;
      const auto asking = static_cast<Value>(at - asker->versions.begin());
      if (solver.solution().domain(asker->id).contains(asking)) return true;
      const auto [set, is_new] = not_asking.try_emplace(asker->id);
      if (is_new) set->second = solver.sets().full(asker->version_count() + 1);
      set->second.erase(asking);
    }
  }
  std::vector<pubgrub::Term> terms{{project.id, solver.sets().empty(project.version_count() + 1)}};
  terms.back().values.insert(value);
  for (const auto& [id, set] : not_asking) terms.push_back({id, set});
  solver.add_statement(std::move(terms),
                       note_of({.dependency = project.id,
                                .reason = {Unusable::no_metadata, "is only taken when its URL is asked for"}}));
  return false;
}

Result<std::optional<Value>> Provider::choose(Solver& solver, PackageId id, const VersionSet& allowed) {
  const Package& package = packages_[id];
  if (package.kind != Package::Kind::project) return allowed.first();
  Project& project = *package.project;
  for (const Value preferred : project.preferences) {
    if (!allowed.contains(preferred)) continue;
    PKG_TRY_ASSIGN(const bool usable, is_usable(solver, project, preferred, Builds::at_once));
    if (usable) return std::optional<Value>(preferred);
    if (stop_) return std::optional<Value>();
  }
  for (const bool wheels_only : {true, false}) {
    if (wheels_only && !problem_.policy.prefer_binary) continue;
    for (const bool prereleases : {false, true}) {
      if (prereleases && !finals_first(project)) continue;
      PKG_TRY_ASSIGN(const auto value, first_usable(solver, project, allowed, prereleases, wheels_only));
      if (value || stop_) return value;
    }
  }
  return std::optional<Value>();
}

Status Provider::next_round(const pubgrub::Solver& solver) {
  if (rounds_ == nullptr || rounds_->next(solver.statistics().decisions)) return ok_status();
  constexpr std::size_t kNamed = 5;
  std::vector<std::pair<std::uint32_t, std::string>> rejected;
  for (std::uint32_t id = 0; id < packages_.size(); ++id) {
    const pubgrub::PackageId package{id};
    const Project* project = packages_[package].project;
    if (project != nullptr && solver.conflicts_of(package) > 0)
      rejected.emplace_back(solver.conflicts_of(package), project->name.str());
  }
  std::ranges::sort(rejected, std::greater());
  std::vector<std::string> names;
  for (const auto& [count, name] : rejected)
    if (names.size() < kNamed) names.push_back(quote(name));
  return rounds_->too_many(names);
}

std::uint32_t Provider::rank(PackageId id) const {
  const Package& package = packages_[id];
  return package.kind == Package::Kind::project && package.project->listing != nullptr ? 1 : 0;
}

// --- dependencies ----------------------------------------------------------------------------------------------------

void Provider::tell(Solver& solver, PackageId parent, Value value, PackageId with, const ActiveRequirement& active) {
  Project& project = *by_name_.find(active.requirement->name)->second;
  const std::uint32_t note = note_of(
      {.requirement = active.requirement, .dependency = project.id, .reason = {}, .condition = active.condition});
  solver.add_dependency(
      parent, value, with, project.id,
      conditional_set(solver, project, set_for(solver, project, *active.requirement), active.condition), note);
  for (const pep::Name& extra : *active.extras) {
    const PackageId id = extra_package(solver, project, extra);
    if (id == with) continue;
    VersionSet selected = solver.sets().empty(2);
    selected.insert(0);
    solver.add_dependency(parent, value, with, id,
                          conditional_set(solver, project, interned(project, selected), active.condition), note);
  }
}

Status Provider::add_dependencies(Solver& solver, PackageId id, Value value) {
  const Package package = packages_[id];
  std::vector<ActiveRequirement> requirements;
  PackageId parent = id, with = kNoPackage;
  if (package.kind == Package::Kind::extra) {
    parent = package.project->id, with = id;
    value = solver.solution().decision(parent);
  }
  if (!told_.try_emplace(std::uint64_t{id.value} << 32 | value, true).second) return ok_status();
  if (package.kind == Package::Kind::root) {
    requirements = root_;
  } else {
    PKG_TRY_ASSIGN(Candidate* const candidate, complete(*package.project, value));
    if (stop_) return ok_status();
    PKG_TRY(join_metadata(*candidate));
    PKG_CHECK(candidate->metadata != nullptr);
    if (package.kind == Package::Kind::project) {
      requirements = active(*candidate->metadata, {});
    } else {
      // Only what the extra adds: the rest is said for the project itself.
      if (problem_.policy.no_deps) return ok_status();
      for (const pep::Requirement& requirement : candidate->metadata->requires_dist) {
        if (!requirement.marker.mentions_extra()) continue;
        const MarkerSet where = condition(requirement.marker, std::span(&package.extra, 1));
        if (where != MarkerSpace::kNone && condition(requirement.marker, {}) != where)
          apply_override(requirement, where, requirements);
      }
    }
  }
  PKG_TRY(ensure_all(solver, requirements));
  if (stop_) return ok_status();  // a constraint, a URL or a rule about indexes splits the fork
  if (fork_ != nullptr && find_clash(solver, requirements)) {
    stop_ = Stop::must_split;
    return ok_status();
  }
  for (const ActiveRequirement& requirement : requirements) {
    if (!requirement.requirement->url.empty() && package.kind != Package::Kind::root) {
      const Project& project = *by_name_.find(requirement.requirement->name)->second;
      const std::string& url = requirement.requirement->url;
      auto& askers = book_.asked_by[{project.name, url}];
      const std::pair<pep::Name, pep::Version> asker{package.project->name, package.project->versions[value]};
      if (std::find(askers.begin(), askers.end(), asker) == askers.end()) askers.push_back(asker);
      if (std::find(project.direct_urls.begin(), project.direct_urls.end(), url) == project.direct_urls.end()) {
        book_.urls[project.name].push_back(url);
        stop_ = Stop::world_has_grown;
        return ok_status();
      }
    }
    tell(solver, parent, value, with, requirement);
  }
  if (!solver.solution().domain(id).contains(package.kind == Package::Kind::project ? value : 0))
    return ok_status();  // ruled out by what it needs
  return hint_likely(solver, requirements);
}

}  // namespace pkg::resolver
