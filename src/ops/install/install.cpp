#include "ops/install/install.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/text.h"
#include "ops/environment/moved_environment.h"
#include "ops/environment/visible_packages.h"
#include "ops/fetch/fetch.h"
#include "ops/install/file_conflicts.h"
#include "ops/install/planned_change.h"
#include "ops/install/script_location.h"
#include "ops/install/sync.h"
#include "ops/project/build_settings.h"
#include "ops/solve/project_status.h"
#include "venv/consistency.h"

namespace pkg::ops {
namespace {

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::vector<resolver::Preference> preferences(std::span<const venv::InstalledDist> installed) {
  std::vector<resolver::Preference> list;
  for (const auto& dist : installed) list.push_back({dist.name, dist.version});
  return list;
}

std::set<pep::Name> requested_names(const Inputs& inputs, const pep::Target& target) {
  std::set<pep::Name> names;
  for (const auto& requirement : inputs.requirements) {
    if (requirement.marker.is_trivial() || requirement.marker.evaluate({.environment = target.environment}))
      names.insert(requirement.name);
  }
  return names;
}

Result<VisiblePackages> installed_for(const InstallOptions& options, const venv::Environment& environment,
                                      Session& session) {
  std::vector<std::string> warnings;
  PKG_TRY_ASSIGN(auto packages, visible_packages(environment, session, &warnings));
  for (const auto& warning : warnings) session.reporter().warning(warning);
  // What cannot be removed is left where it is, and written over.
  if (options.ignore_installed)
    std::erase_if(packages.own, [](const auto& dist) { return dist.kind == venv::InstalledKind::egg_info_file; });
  return packages;
}

ChangedDist kept_dist(const venv::InstalledDist& dist, const InstallReport& report) {
  const auto version = dist.version.to_string();
  return {ChangedDist::Kind::added, dist.name.str(), version, version, {}, report.requested.contains(dist.name)};
}

bool may_be_done_already(const InstallOptions& options) {
  return !options.resolve.upgrade && options.resolve.upgrade_packages.empty() &&
         options.reinstall == venv::Reinstall::none && !options.other.is_set() && options.reinstall_packages.empty() &&
         !options.ignore_installed && !options.only_dependencies && !options.want_report;
}

// Right in all but the version, which the resolver looks at.
bool may_stay(const venv::InstalledDist& dist, const RequiredHashes& required, const venv::PlanOptions& planning) {
  if (planning.reinstall_names.contains(dist.name)) return false;
  Wanted wanted;
  wanted.dists.push_back({.name = dist.name, .version = dist.version, .direct_url = {}});
  want_required_files(wanted, required);
  return venv::is_what_is_wanted(dist, wanted.dists.front(), planning);
}

// What is installed again is not there, as far as resolving goes.
std::vector<venv::InstalledDist> staying(std::span<const venv::InstalledDist> installed, const RequiredHashes& required,
                                         const venv::PlanOptions& planning) {
  std::vector<venv::InstalledDist> list;
  if (planning.reinstall == venv::Reinstall::all) return list;
  for (const auto& dist : installed) {
    if (dist.kind != venv::InstalledKind::dist_info || may_stay(dist, required, planning)) list.push_back(dist);
  }
  return list;
}

// Versions are right: is the rest?
bool are_what_is_wanted(const Inputs& inputs, const venv::InstalledSet& present, const pep::Target& target,
                        const venv::PlanOptions& planning) {
  if (planning.same == venv::Same::version && inputs.hashes.empty()) return true;
  Wanted wanted;
  for (const auto& name : requested_names(inputs, target)) {
    const auto* dist = present.find(name);
    if (dist == nullptr) return false;
    wanted.dists.push_back({.name = name, .version = dist->version, .direct_url = {}});
  }
  want_required_files(wanted, inputs.hashes);
  auto by_url = planning;  // its source was compared already, by the URL
  by_url.same = venv::Same::version;
  return std::ranges::all_of(wanted.dists, [&](const venv::WantedDist& want) {
    const bool has_url = std::ranges::any_of(inputs.requirements, [&](const pep::Requirement& requirement) {
      return requirement.name == want.name && !requirement.url.empty();
    });
    return venv::is_what_is_wanted(*present.find(want.name), want, has_url ? by_url : planning);
  });
}

bool has_extraneous(const InstallOptions& options, std::span<const venv::InstalledDist> installed,
                    const std::set<pep::Name>& wanted) {
  return options.extraneous == venv::Extraneous::remove &&
         std::ranges::any_of(installed, [&](const venv::InstalledDist& dist) { return is_extraneous(dist, wanted); });
}

// --only-deps: nothing is known of what is named but what it needs.
void leave_out(const std::set<pep::Name>& names, Wanted& wanted) {
  std::erase_if(wanted.pins, [&](const resolver::Pin* pin) { return names.contains(pin->name); });
  std::erase_if(wanted.dists, [&](const venv::WantedDist& dist) { return names.contains(dist.name); });
}

// What the environment sees of its interpreter's packages is there already, as pip has it; other versions come before
// it.
void leave_inherited(const VisiblePackages& packages, const venv::PlanOptions& planning, Wanted& wanted,
                     InstallReport& report) {
  if (planning.reinstall == venv::Reinstall::all) return;
  for (const auto& dist : packages.inherited) {
    const auto same = std::ranges::find_if(wanted.dists, [&](const venv::WantedDist& one) {
      return one.name == dist.name && one.version == dist.version && !one.direct_url;
    });
    if (same == wanted.dists.end() || planning.reinstall_names.contains(dist.name)) continue;
    report.kept.push_back(kept_dist(dist, report));
    leave_out({dist.name}, wanted);
  }
}

// Distributions that stay, and whose requirements the change breaks: pip's warning, told before anything is written off
// as done.
void warn_of_broken(const venv::InstallPlan& plan, const Wanted& wanted, std::span<const venv::InstalledDist> installed,
                    const pep::Target& target, InstallReport& report) {
  if (plan.keep.empty() || plan.empty()) return;
  venv::InstalledSet before(installed);
  std::vector<venv::InstalledDist> after;
  after.reserve(plan.keep.size() + plan.install.size());
  for (const auto i : plan.keep) after.push_back(installed[i]);
  const auto kept_count = after.size();
  for (const auto i : plan.install) {
    venv::InstalledDist dist;
    dist.name = wanted.dists[i].name;
    dist.version = wanted.dists[i].version;
    dist.name_as_written = dist.name.str();
    dist.version_as_written = dist.version.to_string();
    after.push_back(std::move(dist));
  }
  venv::InstalledSet now(after);
  std::vector<const venv::InstalledDist*> kept;
  for (std::size_t i = 0; i < kept_count; ++i) kept.push_back(&after[i]);
  for (const auto& problem : venv::find_inconsistencies(kept, now, target)) {
    if (problem.kind == venv::Inconsistency::Kind::wrong_version) report.warnings.push_back(problem.to_string());
  }
}

void add_warnings(const venv::ChangeReport& done, std::span<const resolver::Pin> pins, Session& session,
                  InstallReport& report) {
  const auto conflicts = conflict_warnings(done.conflicts, pins, report.requested);
  report.warnings.insert(report.warnings.end(), conflicts.begin(), conflicts.end());
  report.warnings.insert(report.warnings.end(), done.warnings.begin(), done.warnings.end());
  tell_of_comebacks(done, session.reporter());
}

// What is there and not whole has to be found again: where it is not, that is why it was looked for.
Error with_incomplete(Error error, std::span<const venv::InstalledDist> installed, const std::set<pep::Name>& requested,
                      const venv::Incomplete& incomplete) {
  for (const auto& dist : installed) {
    const auto found = incomplete.find(dist.info.native());
    if (found == incomplete.end() || !requested.contains(dist.name)) continue;
    error = std::move(error).with(cat("while installing ", quote(dist.name.str()), " ", dist.version.to_string(),
                                      " again, which is incomplete: ", found->second));
  }
  return error;
}

ReportScope scope_of(const InstallReport& report, const resolver::Resolution& resolution) {
  ReportScope scope{&resolution, report.requested, {}, report.dry_run};
  for (const auto& change : report.changes)
    if (change.kind != ChangedDist::Kind::removed) scope.names.insert(change.name);
  return scope;
}

// Builds for this environment, and the names of what was given without one.
Status prepare_builds(Inputs& inputs, const venv::Interpreter& interpreter, const ChosenEnvironment& chosen,
                      bool uses_project_builds, Session& session) {
  session.make_builds_later([interpreter, chosen, uses_project_builds](Session& self) {
    if (uses_project_builds) use_project_builds(self);
    self.make_builds(interpreter, chosen.would_be ? nullptr : &chosen.environment);
    return ok_status();
  });
  if (inputs.unnamed.empty()) return ok_status();
  PKG_TRY_ASSIGN(auto* builds, session.need_builds());
  return resolve_unnamed(inputs, *builds);
}

Result<ChosenEnvironment> environment_for(const InstallOptions& options, Session& session) {
  if (options.chosen) return *options.chosen;
  return choose_environment(options.environment, WhenMissing::make_venv, options.dry_run ? Access::plan : Access::write,
                            session);
}

}  // namespace

bool differs_from(const InstallReport& report) {
  return !report.changes.empty() || report.created_environment || !report.made_again.empty();
}

Status refuse_other_target(const OtherTarget& other, const EnvironmentOptions& environment, bool dry_run) {
  if (!other.is_set() || dry_run || !environment.target.empty()) return ok_status();
  return make_error(ErrorKind::usage,
                    "--python-version, --platform, --implementation and --abi need --dry-run or --target: an "
                    "environment has the Python it has");
}

Result<InstallReport> install(const InstallOptions& options, Session& session) {
  PKG_TRY_ASSIGN(auto inputs, read_inputs(options.inputs, session));
  auto& own = session_for(inputs, session);
  return install_inputs(std::move(inputs), options, own);
}

Result<InstallReport> install_inputs(Inputs inputs, const InstallOptions& options, Session& session) {
  const auto start = std::chrono::steady_clock::now();
  PKG_TRY(refuse_other_target(options.other, options.environment, options.dry_run));
  PKG_TRY_ASSIGN(const auto chosen, environment_for(options, session));
  const auto& environment = chosen.environment;
  if (!chosen.created)
    PKG_TRY(mend_if_moved(environment, options.dry_run ? Mend::no : Mend::yes, options.apply, session));
  PKG_TRY_ASSIGN(auto interpreter, interpreter_of(chosen, session));
  PKG_TRY_ASSIGN(const auto packages, installed_for(options, environment, session));
  const auto& own = packages.own;
  const auto with_inherited =
      packages.inherited.empty() ? std::vector<venv::InstalledDist>() : VisiblePackages(packages).all();
  const std::span<const venv::InstalledDist> installed = packages.inherited.empty() ? own : with_inherited;
  PKG_TRY(prepare_builds(inputs, interpreter, chosen, options.uses_project_builds, session));
  if (options.other.is_set()) {
    PKG_TRY_ASSIGN(interpreter.target, target_of(options.other, interpreter));
  }

  PKG_TRY(check_pythons(inputs, options.resolve, interpreter.target));
  InstallReport report;
  report.created_environment = chosen.created;
  report.made_again = chosen.made_again;
  report.prefix = environment.layout.prefix;
  report.markers = interpreter.target.environment;
  report.dry_run = options.dry_run;
  report.requested = requested_names(inputs, interpreter.target);
  for (const auto& name : options.not_requested) report.requested.erase(name);

  const auto reinstall = options.ignore_installed ? venv::Reinstall::all : options.reinstall;
  PKG_TRY_ASSIGN(auto planning, plan_options(reinstall, options.reinstall_packages, options.extraneous));
  const auto origins = inputs.hashes.empty() ? venv::Origins() : venv::Origins::read(environment, session.state_key());
  planning.origins = &origins;
  // An exact set comes from where it says; otherwise a version that fits will do, as for pip.
  if (options.extraneous == venv::Extraneous::remove) planning.same = venv::Same::source;

  venv::InstalledSet present(installed);
  if (may_be_done_already(options) && !has_extraneous(options, own, report.requested) &&
      venv::is_satisfied(inputs.requirements, inputs.constraints, present, interpreter.target,
                         !options.resolve.policy.no_deps) &&
      are_what_is_wanted(inputs, present, interpreter.target, planning)) {
    for (const auto& name : report.requested) report.kept.push_back(kept_dist(*present.find(name), report));
    if (!options.dry_run) PKG_TRY(wait_for_others(environment, session));
    return report;
  }

  planning.incomplete = venv::find_incomplete(own);
  auto preferred = options.ignore_installed ? std::vector<resolver::Preference>() : preferences(installed);
  for (const auto& preference : options.preferred) {
    if (present.find(preference.name) == nullptr) preferred.push_back(preference);
  }
  PKG_TRY_ASSIGN(const auto problem, make_problem(inputs, options.resolve, interpreter.target, preferred));
  PKG_TRY_ASSIGN(auto* index, session.index());
  const bool any_version = planning.same == venv::Same::version && inputs.hashes.empty();
  const bool all_stay = any_version && planning.reinstall == venv::Reinstall::none && planning.incomplete.empty();
  const auto some = all_stay ? std::vector<venv::InstalledDist>() : staying(installed, inputs.hashes, planning);
  LiveSource source(*index, all_stay ? installed : some, session.builds_when_needed());
  source.set_editables(inputs.editable_urls);
  auto solved = solve(problem, source, session);
  if (!solved) return with_incomplete(std::move(solved).error(), own, report.requested, planning.incomplete);
  auto& resolution = *solved;
  report.resolve_s = seconds_since(start);
  report.warnings = resolution.warnings;
  add_project_warnings(resolution, source, report.warnings);

  auto wanted = wanted_from(resolution.pins, report.requested);
  if (options.only_dependencies) leave_out(report.requested, wanted);
  want_required_files(wanted, problem.policy.hashes);
  leave_inherited(packages, planning, wanted, report);
  auto plan = venv::plan(wanted.dists, own, planning);
  keep_seeds(plan, own, wanted.names());
  report.changes = changes_of(plan, wanted, own);
  tell_of_incomplete(plan, own, wanted.names(), planning.incomplete, report.warnings);
  for (const auto i : plan.keep) report.kept.push_back(kept_dist(own[i], report));
  if (options.warn_conflicts) warn_of_broken(plan, wanted, own, interpreter.target, report);

  if (!options.dry_run && plan.empty()) PKG_TRY(wait_for_others(environment, session));
  if (!options.dry_run && !plan.empty()) {
    const auto install_start = std::chrono::steady_clock::now();
    auto apply = options.apply;
    // What is asked for now goes before what was there; an exact set is the same whatever was there.
    if (options.extraneous == venv::Extraneous::keep) apply.precedence = venv::Precedence::arriving;
    PKG_TRY_ASSIGN(const auto done,
                   carry_out(plan, wanted.dists, wanted.pins, own, environment, apply, problem.policy.hashes, session));
    add_warnings(done, resolution.pins, session, report);
    if (options.warn_script_location) add_script_warnings(environment, report.changes, report.warnings);
    report.install_s = seconds_since(install_start);
  }
  if (options.want_report) {
    PKG_TRY_ASSIGN(report.dists, report_dists(scope_of(report, resolution), session));
  }
  return report;
}

}  // namespace pkg::ops
