// The way of a sync: what the state file remembers, else lock when stale, select, plan, fetch, one transaction, remember.
#include "ops/sync_lock.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

#include "base/fs.h"
#include "base/text.h"
#include "lock/pylock.h"
#include "ops/environment_state.h"
#include "ops/fetch.h"
#include "ops/planned_change.h"
#include "ops/universal.h"
#include "pep/requirement.h"

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

// The part of the lock that is asked for, as one line: another line means another environment.
std::string selection_line(const SyncOptions& options) {
  const auto& s = options.selection;
  std::string line =
      cat("extras=", words(s.extras), " groups=", words(s.groups), " only=", words(s.only_groups), " without=", words(s.excluded_groups));
  if (s.all_extras) line += " all-extras";
  if (s.all_groups) line += " all-groups";
  if (s.no_default_groups) line += " no-default-groups";
  if (options.inexact) line += kInexact;
  return line;
}

EnvironmentOptions environment_options(const SyncOptions& options, const LockSource& source) {
  auto environment = options.environment;
  if (!source.subject) return environment;
  environment.folder_of_new = source.subject->project.root;
  for (const auto& member : source.subject->project.members) {
    if (environment.python_of_new.empty() && member.pyproject.project)
      environment.python_of_new = member.pyproject.project->requires_python.to_string();
  }
  return environment;
}

bool forces_work(const SyncOptions& options) {
  return options.reinstall != venv::Reinstall::none || !options.reinstall_packages.empty() || options.lock.resolve.upgrade ||
         !options.lock.resolve.upgrade_packages.empty();
}

// Nothing has changed since the last sync, as far as a few stats can tell.
bool is_unchanged(const SyncOptions& options, const LockSource& source, const venv::Environment& environment, std::size_t& packages) {
  if (forces_work(options)) return false;
  const auto state = unchanged_since(environment);
  if (!state || state->lock != source.path) return false;
  // What is exactly the lock is at least the lock.
  const auto wanted = selection_line(options);
  if (state->selection != wanted && !(options.inexact && cat(state->selection, kInexact) == wanted)) return false;
  if (source.subject && state->inputs_digest != source.subject->digest) return false;
  packages = state->packages;
  return true;
}

// What the project asks for itself: those get a REQUESTED file.
std::set<pep::Name> requested_names(const lock::LockFile& lock) {
  std::set<pep::Name> names;
  for (const auto& text : lock.tool.requirements) {
    if (const auto requirement = pep::Requirement::parse(text)) names.insert(requirement->name);
  }
  return names;
}

// The project and the members of its workspace: they stay where another tool put them.
std::set<pep::Name> own_names(const LockSource& source, const LockedPins& locked) {
  std::set<pep::Name> names(locked.projects.begin(), locked.projects.end());
  if (source.subject) {
    for (const auto& member : source.subject->project.members)
      if (!member.name.empty()) names.insert(member.name);
  }
  return names;
}

// What conda put into its environment is conda's to take away.
void add_conda_names(const venv::Environment& environment, std::span<const venv::InstalledDist> installed, std::set<pep::Name>& names) {
  if (environment.kind != venv::EnvironmentKind::conda) return;
  for (const auto& dist : installed)
    if (venv::read_installer(dist) == "conda") names.insert(dist.name);
}

// Notes that the project itself is not installed, where it is something that could be.
void tell_project(const SyncOptions& options, const LockSource& source, const LockedPins& locked, SyncReport& report) {
  if (options.no_install_project || !options.selection.only_groups.empty()) return;
  std::vector<std::string> names;
  for (const auto& name : locked.projects) names.push_back(quote(name.str()));
  if (source.subject) {
    for (const auto& member : source.subject->project.members) {
      auto name = quote(member.name.str());
      if (member.is_package && std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
    }
  }
  if (names.empty()) return;
  report.notes.push_back(cat(join(names, ", "), names.size() == 1 ? " itself is" : " themselves are",
                             " not installed: this version of pkg does not build (--no-install-project says the same)"));
}

Status change(const SyncOptions& options, const LockSource& source, const lock::LockFile& lock, const LockedPins& locked,
              std::span<const venv::InstalledDist> installed, SyncReport& report, Session& session) {
  report.install.requested = requested_names(lock);
  const auto wanted = wanted_from(locked.pins, report.install.requested);
  const auto extraneous = options.inexact ? venv::Extraneous::keep : venv::Extraneous::remove;
  PKG_TRY_ASSIGN(const auto planning, plan_options(options.reinstall, options.reinstall_packages, extraneous));
  auto plan = venv::plan(wanted.dists, installed, planning);
  auto staying = own_names(source, locked);
  add_conda_names(report.environment, installed, staying);
  keep_seeds(plan, installed, wanted.names(), staying);
  report.install.changes = changes_of(plan, wanted, installed);
  for (const auto i : plan.keep) {
    const auto version = installed[i].version.to_string();
    report.install.kept.push_back({ChangedDist::Kind::added, installed[i].name.str(), version, version, {}, false});
  }
  if (options.dry_run || plan.empty()) return ok_status();
  const auto start = Clock::now();
  PKG_TRY_ASSIGN(const auto done, carry_out(plan, wanted.dists, wanted.pins, installed, report.environment, options.apply, {}, session));
  report.install.warnings.insert(report.install.warnings.end(), done.warnings.begin(), done.warnings.end());
  report.install.install_s = seconds_since(start);
  return ok_status();
}

// Which index a project must come from counts where the lock has no addresses.
Status bind_neutral(const LockSource& source, const lock::LockFile& lock, Session& session) {
  if (!lock.tool.mirror_neutral || !source.subject) return ok_status();
  PKG_TRY_ASSIGN(const auto requirements, requirements_of(source.subject->project));
  return bind_indexes(requirements.index_of, session.settings());
}

// --python VERSION means an environment with that Python. Were there none, the interpreter's own packages would be made to fit the lock.
Status refuse_bare_interpreter(const ChosenEnvironment& chosen, const EnvironmentOptions& options) {
  const bool is_version = !options.python.empty() && options.python.find('/') == std::string::npos && !fs::exists(options.python);
  if (!is_version || options.system || chosen.environment.kind != venv::EnvironmentKind::system) return ok_status();
  return make_error(ErrorKind::conflict, cat("the environment that is there has another Python than ", quote(options.python)),
                    cat("make it again: pkg venv --clear --python ", options.python));
}

// The environment, when there is one. A sync that would fail on its lock makes none.
Result<std::optional<ChosenEnvironment>> present_environment(const EnvironmentOptions& options, Session& session) {
  const auto when_missing = options.python.empty() ? WhenMissing::fail : WhenMissing::make_venv;
  auto chosen = choose_environment(options, when_missing, Access::write, session);
  if (chosen) {
    PKG_TRY(refuse_bare_interpreter(*chosen, options));
    return std::optional<ChosenEnvironment>(std::move(chosen).value());
  }
  if (chosen.error().kind == ErrorKind::not_found && options.python.empty() && !options.require_virtualenv)
    return std::optional<ChosenEnvironment>();
  return std::move(chosen).error();
}

// What is synced: an environment with what it holds, or (--dry-run without one) the Python that one would be made for.
struct Subject {
  venv::Interpreter interpreter;
  std::vector<venv::InstalledDist> installed;
};

Result<Subject> subject_of(const std::optional<ChosenEnvironment>& chosen, const EnvironmentOptions& where, SyncReport& report,
                           Session& session) {
  Subject subject;
  if (!chosen) {
    PKG_TRY_ASSIGN(subject.interpreter, venv::find_interpreter(where.python_of_new, session.cache_dir()));
    return subject;
  }
  report.environment = chosen->environment;
  report.install.created_environment = chosen->created;
  report.install.prefix = report.environment.layout.prefix;
  PKG_TRY_ASSIGN(subject.interpreter, venv::interpreter_of(report.environment, session.cache_dir()));
  PKG_TRY_ASSIGN(subject.installed, venv::installed(report.environment, &report.install.warnings));
  return subject;
}

}  // namespace

Result<SyncReport> sync_lock(const SyncOptions& options, Session& session) {
  const auto start = Clock::now();
  SyncReport report;
  report.install.dry_run = options.dry_run;
  PKG_TRY_ASSIGN(const auto source, find_lock(options, session));
  report.lock_path = source.path;
  const auto where = environment_options(options, source);
  PKG_TRY_ASSIGN(auto chosen, present_environment(where, session));
  if (chosen && is_unchanged(options, source, chosen->environment, report.packages)) {
    report.environment = std::move(chosen->environment);
    report.install.prefix = report.environment.layout.prefix;
    report.unchanged = true;
    return report;
  }
  PKG_TRY_ASSIGN(auto opened, open_lock(options, source, session));
  report.lock = std::move(opened.report);
  if (!chosen && !options.dry_run) {
    PKG_TRY_ASSIGN(chosen, choose_environment(where, WhenMissing::make_venv, Access::write, session));
  }
  PKG_TRY_ASSIGN(const auto subject, subject_of(chosen, where, report, session));
  const auto& target = subject.interpreter.target;
  report.install.markers = target.environment;
  const auto reading = [&] { return cat("while syncing from ", quote(source.path.filename().string())); };
  if (source.subject) PKG_TRY(refuse_conflicts(options.selection, opened.lock, source.subject->project.settings.conflicts));
  PKG_TRY_ASSIGN(const auto selected, select_packages(opened.lock, target, options.selection).with(reading));
  PKG_TRY(bind_neutral(source, opened.lock, session));
  PKG_TRY_ASSIGN(const auto locked, pins_of(selected, place_of(source), session).with(reading));
  tell_project(options, source, locked, report);
  report.packages = locked.pins.size();
  report.install.resolve_s = seconds_since(start);
  PKG_TRY(change(options, source, opened.lock, locked, subject.installed, report, session));
  if (!options.dry_run) remember(report.environment, {source.path, opened.digest, selection_line(options), report.packages});
  return report;
}

}  // namespace pkg::ops
