// The way of a sync: what the state file remembers, else lock when stale, select, plan, fetch, one transaction,
// remember.
#include "ops/install/sync_lock.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

#include "base/fs.h"
#include "base/text.h"
#include "lock/pylock.h"
#include "lock/selection.h"
#include "ops/environment/environment_interpreter.h"
#include "ops/environment/environment_state.h"
#include "ops/environment/moved_environment.h"
#include "ops/fetch/fetch.h"
#include "ops/install/file_conflicts.h"
#include "ops/install/local_packages.h"
#include "ops/install/planned_change.h"
#include "ops/install/sync_environment.h"
#include "ops/lock/locked_builds.h"
#include "ops/lock/member_part.h"
#include "ops/lock/project_builds.h"
#include "ops/project/local_trees.h"
#include "ops/project/project_sources.h"
#include "pep/requirement.h"
#include "pep/source_url.h"

namespace pkg::ops {
namespace {

namespace stdfs = std::filesystem;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

std::string words(const std::vector<std::string>& list) {
  auto sorted = list;
  for (auto& word : sorted) word = pep::normalize_name(word);
  std::ranges::sort(sorted);
  return join(sorted, ",");
}

constexpr std::string_view kInexact = " inexact";

using Chosen = std::optional<std::vector<std::size_t>>;  // members; nullopt: all

std::set<pep::Name> names_of(const Project& project, const std::vector<std::size_t>& members) {
  std::set<pep::Name> names;
  for (const auto i : members) names.insert(project.members[i].name);
  return names;
}

// The members that are chosen are "the project" of --no-install-project.
Result<LocalPackageOptions> own_options(const SyncOptions& options, const LockSource& source, const Chosen& chosen) {
  LocalPackageOptions own{
      options.no_editable,
      options.no_install_project,
      options.no_install_workspace || options.no_install_local || !options.selection.only_groups.empty(),
      {},
      {}};
  if (chosen) {
    const auto& project = *source.project();
    own.only = names_of(project, reachable_members(project, *chosen));
    if (options.no_install_project) own.without = names_of(project, *chosen);
    own.no_project = false;
  }
  if (options.other.is_set()) own.no_workspace = true;  // what is built here is for this machine
  for (const auto& text : options.no_install) {
    PKG_TRY_ASSIGN(auto name, pep::Name::parse(text));
    own.without.insert(std::move(name));
  }
  return own;
}

// The part of the lock that is asked for and how the project's own trees look, as one line: another line means another
// environment.
std::string selection_line(const SyncOptions& options, const LockSource& source, const LocalPackageOptions& own,
                           const Chosen& chosen) {
  const auto& s = options.selection;
  std::string line = cat("extras=", words(s.extras), " groups=", words(s.groups), " only=", words(s.only_groups),
                         " without=", words(s.excluded_groups));
  if (s.all_extras) line += " all-extras";
  if (s.all_groups) line += " all-groups";
  if (s.no_default_groups) line += " no-default-groups";
  if (options.no_editable) line += " no-editable";
  if (options.no_install_local) line += " no-install-local";
  if (!options.no_install.empty()) append(line, " no-install=", words(options.no_install));
  if (chosen) {
    line += " members=";
    for (const auto& name : names_of(*source.project(), *chosen)) append(line, name.str(), ",");
  }
  if (const auto* project = source.project()) {
    const auto looks = looks_of(*project, own);
    if (!looks.empty()) append(line, " trees=", looks);
  }
  if (options.inexact) line += kInexact;
  return line;
}

bool forces_work(const SyncOptions& options) {
  return options.reinstall != venv::Reinstall::none || !options.reinstall_packages.empty() || options.other.is_set() ||
         options.lock.resolve.upgrade || !options.lock.resolve.upgrade_packages.empty();
}

// Nothing has changed since the last sync, as far as a few stats can tell.
bool is_unchanged(const SyncOptions& options, const LockSource& source, const LocalPackageOptions& own,
                  const Chosen& chosen, const venv::Environment& environment, const venv::StateKey& key,
                  std::size_t& packages) {
  if (forces_work(options)) return false;
  const auto state = unchanged_since(environment, key);
  if (!state || state->lock != source.path) return false;
  // What is exactly the lock is at least the lock, and what all members need is at least what some of them do.
  const auto is_as = [&](const std::string& wanted) {
    return state->selection == wanted || (options.inexact && cat(state->selection, kInexact) == wanted);
  };
  const auto is_for_all = [&] {
    auto of_all = own;
    of_all.only.reset();
    return options.inexact && chosen && is_as(selection_line(options, source, of_all, {}));
  };
  if (!is_as(selection_line(options, source, own, chosen)) && !is_for_all()) return false;
  if (source.subject && !fits(*source.subject, options.lock, state->inputs_digest)) return false;
  // What is taken out of a folder does not show in the looks of the environment.
  const auto installed = venv::installed(environment);
  if (!installed || !venv::find_incomplete(*installed).empty()) return false;
  packages = state->packages;
  return true;
}

// What the project asks for itself: those get a REQUESTED file.
std::set<pep::Name> requested_names(const lock::LockFile& lock, const std::vector<pep::Requirement>* roots) {
  std::set<pep::Name> names;
  if (roots != nullptr) {
    for (const auto& root : *roots) names.insert(root.name);
    return names;
  }
  for (const auto& text : lock.tool.requirements) {
    if (const auto requirement = pep::Requirement::parse(text)) names.insert(requirement->name);
  }
  return names;
}

// What is not installed and not removed: members that are left out stay where somebody else put them. Those that were
// not chosen are as anything else that the lock does not ask for.
std::set<pep::Name> staying_names(const LockSource& source, const LockedPins& locked, const LocalPackageOptions& own) {
  std::set<pep::Name> names(locked.projects.begin(), locked.projects.end());
  names.insert(own.without.begin(), own.without.end());
  if (const auto* project = source.project()) {
    for (const auto& member : project->members)
      if (!member.name.empty() && (!own.only || own.only->contains(member.name))) names.insert(member.name);
  }
  return names;
}

// What conda put into its environment is conda's to take away.
void add_conda_names(const venv::Environment& environment, std::span<const venv::InstalledDist> installed,
                     std::set<pep::Name>& names) {
  if (environment.kind != venv::EnvironmentKind::conda) return;
  for (const auto& dist : installed)
    if (venv::read_installer(dist) == "conda") names.insert(dist.name);
}

// What a change starts from.
struct Intent {
  const LockSource& source;
  const lock::LockFile& lock;
  const LockedPins& locked;
  const TreePins& trees;
  const LocalPackageOptions& own;
  const std::vector<pep::Requirement>* roots;  // of chosen members; null: all of the lock's
};

Status change(const SyncOptions& options, const Intent& intent, std::span<const venv::InstalledDist> installed,
              SyncReport& report, Session& session) {
  const auto& locked = intent.locked;
  report.install.requested = requested_names(intent.lock, intent.roots);
  if (const auto* project = intent.source.project())
    for (const auto* member : local_packages(*project, intent.own)) report.install.requested.insert(member->name);
  auto wanted = wanted_from(locked.pins, report.install.requested);
  want_own_files(wanted);
  const auto extraneous = options.inexact ? venv::Extraneous::keep : venv::Extraneous::remove;
  PKG_TRY_ASSIGN(auto planning, plan_options(options.reinstall, options.reinstall_packages, extraneous));
  const auto origins = venv::Origins::read(report.environment, session.state_key());
  planning.same = venv::Same::source;
  planning.origins = &origins;
  planning.incomplete = venv::find_incomplete(installed);
  auto plan = venv::plan(wanted.dists, installed, planning);
  intent.trees.keep_unchanged(plan, wanted.dists, installed, planning);
  auto staying = staying_names(intent.source, locked, intent.own);
  add_conda_names(report.environment, installed, staying);
  keep_seeds(plan, installed, wanted.names(), staying);
  report.install.changes = changes_of(plan, wanted, installed);
  tell_of_incomplete(plan, installed, wanted.names(), planning.incomplete, report.install.warnings);
  for (const auto i : plan.keep) {
    const auto version = installed[i].version.to_string();
    report.install.kept.push_back({ChangedDist::Kind::added, installed[i].name.str(), version, version, {}, false});
  }
  if (options.dry_run) return ok_status();
  if (plan.empty()) {
    PKG_TRY(wait_for_others(report.environment, session));
    remember_trees(report.environment, intent.trees.looks(), session.state_key());
    return ok_status();
  }
  const auto start = Clock::now();
  PKG_TRY_ASSIGN(const auto done,
                 carry_out(plan, wanted.dists, wanted.pins, installed, report.environment, options.apply, {}, session));
  auto& warnings = report.install.warnings;
  const auto conflicts = conflict_warnings(done.conflicts, locked.pins, report.install.requested);
  warnings.insert(warnings.end(), conflicts.begin(), conflicts.end());
  warnings.insert(warnings.end(), done.warnings.begin(), done.warnings.end());
  tell_of_comebacks(done, session.reporter());
  report.install.install_s = seconds_since(start);
  remember_trees(report.environment, intent.trees.looks(), session.state_key());
  return ok_status();
}

// Which index a project must come from counts where the lock has no addresses.
Status check_neutral(const LockSource& source, const lock::LockFile& lock, const Session& session) {
  if (!lock.tool.mirror_neutral || !source.subject) return ok_status();
  PKG_TRY_ASSIGN(const auto indexes, index_sources(source.subject->project));
  return check_indexes(indexes, session.settings());
}

// --no-install-local: what comes from this machine is neither installed nor removed.
void leave_out_local(std::span<const resolver::Pin> pins, LocalPackageOptions& own) {
  for (const auto& pin : pins) {
    const auto source = pep::SourceUrl::parse(pin.best_file().url);
    if (pin.direct && source && source->url.starts_with("file:")) own.without.insert(pin.name);
  }
}

// Which Python it must be: the project's word, else the lock's.
pep::SpecifierSet required_python(const LockSource& source, const lock::LockFile& lock) {
  if (source.subject) return requires_python_of(source.subject->project);
  return lock.requires_python.value_or(pep::SpecifierSet());
}

// Which Pythons a new environment may have: those of the groups that will be in it, too. What is there already stays,
// and is judged with the lock. conflict: no Python at hand is for these groups.
Result<pep::SpecifierSet> with_groups(pep::SpecifierSet requires_python, const SyncOptions& options,
                                      const lock::LockFile& lock, const SyncEnvironment& where, Session& session) {
  if (lock.tool.group_pythons.empty()) return requires_python;
  PKG_TRY_ASSIGN(const auto wanted, select_options(options.selection, lock));
  PKG_TRY_ASSIGN(const auto parts, lock::installable_parts(lock, wanted.extras, wanted.groups));
  PKG_TRY_ASSIGN(const auto planned, where.settle(requires_python, Access::plan, session));
  if (!planned.would_be) return requires_python;
  auto fits = lock::check_group_pythons(lock, parts.groups, planned.would_be->target.python);
  if (fits.ok()) return requires_python;
  auto narrower = requires_python.intersect(lock::pythons_of_groups(lock, parts.groups));
  if (!where.settle(narrower, Access::plan, session)) return std::move(fits).error();
  return narrower;
}

// What the chosen members need there; nothing is cut where all are meant. Narrows `own` to the members that count.
Result<std::optional<MemberNeeds>> member_needs(const SyncOptions& options, const LockSource& source,
                                                const Chosen& chosen, const lock::LockFile& lock,
                                                const pep::Environment& environment, LocalPackageOptions& own,
                                                std::vector<std::string>& warnings) {
  if (!chosen) return std::optional<MemberNeeds>();
  if (lock.tool.version == 0 && !options.members.is_set()) {  // another tool's does not say who asks for what
    own.only.reset();
    return std::optional<MemberNeeds>();
  }
  const auto& project = *source.project();
  PKG_TRY_ASSIGN(auto needs, needs_in(project, *chosen, options.selection, lock));
  if (source.frozen) {
    const auto unknown = unknown_roots(needs, project, lock, environment);
    warnings.insert(warnings.end(), unknown.begin(), unknown.end());
  }
  own.only.emplace();
  for (const auto& [member, where] : needs.members)
    if (where.is_trivial() || where.evaluate({.environment = environment}))
      own.only->insert(project.members[member].name);
  return std::optional(std::move(needs));
}

// Sources are built for this environment from now on, and without isolation in it.
void build_in(const venv::Environment& environment, Session& session) {
  session.make_builds_later([environment](Session& own) -> Status {
    PKG_TRY_ASSIGN(const auto interpreter, interpreter_to_use(environment, own));
    own.make_builds(interpreter, &environment);
    return ok_status();
  });
}

}  // namespace

Result<SyncReport> sync_lock(const SyncOptions& options, Session& given) {
  const auto start = Clock::now();
  SyncReport report;
  report.install.dry_run = options.dry_run;
  PKG_TRY_ASSIGN(const auto source, find_lock(options, given));
  auto& locking = session_for(source, given);
  PKG_TRY(refuse_other_target(options.other, options.environment, options.dry_run));
  PKG_TRY_ASSIGN(const auto members, chosen_members(options, source));
  PKG_TRY_ASSIGN(auto own, own_options(options, source, members));
  const auto may_be_own = own;  // what is noted, since it costs little to know
  report.lock_path = source.path;
  PKG_TRY_ASSIGN(const auto where, SyncEnvironment::find(options.environment, options, &source, locking));
  if (where.present() != nullptr)
    PKG_TRY(mend_if_moved(*where.present(), options.dry_run ? Mend::no : Mend::yes, options.apply, locking));
  const auto done_already = [&](const venv::Environment& environment) {
    if (!is_unchanged(options, source, may_be_own, members, environment, locking.state_key(), report.packages))
      return false;
    report.environment = environment;
    report.install.prefix = environment.layout.prefix;
    report.unchanged = true;
    return true;
  };
  if (where.present() != nullptr && done_already(*where.present())) return report;
  if (where.present() != nullptr) build_in(*where.present(), locking);
  PKG_TRY_ASSIGN(auto opened, open_lock(options, source, locking));
  report.lock = std::move(opened.report);
  PKG_TRY_ASSIGN(const auto requires_python,
                 with_groups(required_python(source, opened.lock), options, opened.lock, where, locking));
  PKG_TRY_ASSIGN(const auto chosen,
                 where.settle(requires_python, options.dry_run ? Access::plan : Access::write, locking));
  if (where.present() == nullptr && !chosen.created && done_already(chosen.environment)) return report;
  if (chosen.would_be)
    build_with_project_python(requires_python, {}, locking);
  else
    build_in(chosen.environment, locking);
  auto& session = session_building(opened.lock, place_of(source), when_unlocked(options), locking);
  report.environment = chosen.environment;
  report.install.created_environment = chosen.created;
  report.install.made_again = chosen.made_again;
  report.install.prefix = chosen.environment.layout.prefix;
  PKG_TRY_ASSIGN(const auto interpreter, interpreter_of(chosen, session));
  PKG_TRY_ASSIGN(const auto target, target_of(options.other, interpreter));
  std::vector<venv::InstalledDist> installed;
  if (!chosen.would_be) {
    PKG_TRY_ASSIGN(installed, venv::installed(chosen.environment, &report.install.warnings));
  }
  report.install.markers = target.environment;
  const auto reading = [&] { return cat("while syncing from ", quote(source.path.filename().string())); };
  const auto sources = options.other.is_set() ? LockedSources::refused : LockedSources::built;
  PKG_TRY_ASSIGN(const auto needs,
                 member_needs(options, source, members, opened.lock, target.environment, own, report.install.warnings));
  const auto* roots = needs ? &needs->requirements : nullptr;
  PKG_TRY_ASSIGN(const auto selected,
                 select_packages(opened.lock, target, options.selection, sources, roots).with(reading));
  PKG_TRY(check_neutral(source, opened.lock, session));
  PKG_TRY_ASSIGN(auto locked, pins_of(selected, place_of(source), session).with(reading));
  if (options.no_install_local) leave_out_local(locked.pins, own);
  TreePins trees(locked.pins, source.project(), own);
  PKG_TRY(trees.settle(chosen.would_be ? TreeLooks() : remembered_trees(chosen.environment, session.state_key()),
                       installed, session));
  if (options.other.is_set() && source.project() != nullptr && !local_packages(*source.project(), {}).empty())
    report.notes.emplace_back("the project itself is left out: it would be built for this machine");
  report.packages = locked.pins.size();
  report.install.resolve_s = seconds_since(start);
  PKG_TRY(change(options, {source, opened.lock, locked, trees, own, roots}, installed, report, session));
  // A lock without its project does not say which folders to look at the next time.
  const bool can_tell = source.project() != nullptr || trees.looks().empty();
  if (!options.dry_run && can_tell)
    remember(report.environment,
             {source.path, opened.digest, selection_line(options, source, may_be_own, members), report.packages},
             session.state_key());
  return report;
}

}  // namespace pkg::ops
