#include "ops/run/run_environment.h"

#include <algorithm>
#include <utility>

#include "base/fs.h"
#include "base/limits.h"
#include "base/text.h"
#include "ops/environment/environment_interpreter.h"
#include "ops/environment/environment_state.h"
#include "ops/environment/kept_environment.h"
#include "ops/environment/project_environment.h"
#include "ops/environment/python_wish.h"
#include "ops/inputs/project_rules.h"
#include "ops/install/script_environment.h"
#include "ops/project/project_sources.h"
#include "ops/run/resolution_key.h"
#include "venv/site.h"

namespace pkg::ops {
namespace {

namespace stdfs = std::filesystem;

// A pyproject.toml with nothing but tables of tools is no project.
bool has_project(const stdfs::path& start) {
  for (auto folder = start;; folder = folder.parent_path()) {
    if (has_project_file(folder)) {
      const auto text = fs::read_file_at_most(folder / "pyproject.toml", limits::kText);
      if (!text || text->find("[project]") != std::string::npos) return true;  // without a second look, mostly
      const auto project = open_project(start);
      return project.ok() || project.error().kind != ErrorKind::not_found;
    }
    if (folder == folder.parent_path() || folder.empty()) return false;
  }
}

// Without a project nothing is made in the working folder: the environment that is there, else the interpreter itself.
Result<ChosenEnvironment> found_environment(const RunOptions& options, Session& session) {
  const auto& asked = options.sync.environment;
  auto chosen = choose_environment(asked, WhenMissing::fail, Access::read, session);
  const bool any_will_do = asked.python.empty() && !asked.names_place() && !asked.require_virtualenv;
  if (chosen || chosen.error().kind != ErrorKind::not_found || !any_will_do) return chosen;
  PKG_TRY_ASSIGN(const auto wish, python_wish({}, session.working_folder(), {}, session));
  PKG_TRY_ASSIGN(const auto python, interpreter_for_new(wish, {}, session));
  PKG_TRY_ASSIGN(auto environment, venv::open_environment(python.executable, session.cache_dir()));
  return ChosenEnvironment{.environment = std::move(environment)};
}

Status add_found_environment(const RunOptions& options, RunEnvironments& environments, Session& session) {
  PKG_TRY_ASSIGN(auto chosen, found_environment(options, session));
  if (chosen.found) warn_of_owner(chosen.environment, session);
  warn_before_running(chosen.environment, session);
  environments.all.push_back(std::move(chosen.environment));
  return ok_status();
}

// --no-sync: the project's environment as it is.
Status add_unsynced_environment(const RunOptions& options, RunEnvironments& environments, RunPlan& plan,
                                Session& session) {
  if (options.sync.environment.names_place()) return add_found_environment(options, environments, session);
  const auto home = project_home(session);
  PKG_TRY_ASSIGN(const auto found, find_project_environment(options.sync.environment, home.place, session));
  PKG_TRY_ASSIGN(auto chosen, settle_project_environment(found, home.requires_python, Access::read, session));
  if (chosen.created) plan.made = chosen.environment.layout.prefix;
  plan.made_again = chosen.made_again;
  warn_before_running(chosen.environment, session);
  environments.all.push_back(std::move(chosen.environment));
  return ok_status();
}

stdfs::path script_path(const RunOptions& options) {
  if (!options.script_file.empty()) return options.script_file;
  std::error_code ignored;  // without a working folder no command comes this far
  return stdfs::absolute(options.command.front(), ignored).lexically_normal();
}

// What a script asks for, for one interpreter.
Result<Inputs> script_inputs(const LockSubject& subject, const Session& session) {
  const auto& settings = subject.project.settings;
  PKG_TRY_ASSIGN(const auto requirements, requirements_of(subject.project));
  PKG_TRY(check_indexes(requirements.index_rules, session.settings()));
  Inputs inputs = subject.inputs;
  inputs.requirements = requirements.requirements;
  inputs.index_rules = rules_by_environment(requirements.index_rules);
  inputs.constraints.insert(inputs.constraints.end(), requirements.constraints.begin(), requirements.constraints.end());
  inputs.editable_urls.insert(requirements.editable_urls.begin(), requirements.editable_urls.end());
  PKG_TRY(add_project_rules(settings, session.now(), inputs));
  return inputs;
}

// The script's lock, taken as it is or locked again where it is stale.
Status sync_script(const RunOptions& options, const stdfs::path& script, RunPlan& plan, Session& session) {
  auto sync = options.sync;
  sync.lock.script = script.string();
  PKG_TRY_ASSIGN(plan.sync, sync_lock(sync, session));
  return ok_status();
}

// The place of the project's own environment, elsewhere: one for each choice of parts.
std::string isolated_key(const Project& project, const SyncOptions& options) {
  const auto& s = options.selection;
  std::string key = cat("isolated", '\0', project.root.native(), '\0', project.current);
  for (const auto* list :
       {&s.extras, &s.groups, &s.excluded_groups, &s.only_groups, &options.members.packages, &options.no_install}) {
    auto sorted = *list;
    std::ranges::sort(sorted);
    append(key, '\0', join(sorted, ","));
  }
  for (const bool flag : {s.all_extras, s.all_groups, s.no_default_groups, options.members.all, options.no_editable,
                          options.no_install_project, options.no_install_workspace, options.no_install_local})
    key += flag ? '1' : '0';
  return key;
}

Status install_script(const RunOptions& options, const stdfs::path& script, const LockSubject& subject,
                      const venv::Environment& environment, RunPlan& plan, Session& session) {
  const auto known = unchanged_since(environment, session.state_key());
  if (known && known->lock == script && known->inputs_digest == subject.digest) return ok_status();
  PKG_TRY_ASSIGN(const auto inputs, script_inputs(subject, session));
  InstallOptions install;
  install.environment.folder = environment.layout.prefix;
  install.resolve = subject.resolve;
  install.apply = options.sync.apply;
  install.extraneous = venv::Extraneous::remove;
  install.uses_project_builds = false;
  PKG_TRY_ASSIGN(plan.script_environment, install_inputs(inputs, install, session));
  remember(environment, {script, subject.digest, "script", inputs.requirements.size()}, session.state_key());
  return ok_status();
}

// The environment behind is visible through a .pth file of the one in front; `addsitedir` reads the .pth files there
// too.
Status see_through(const venv::Environment& front, const venv::Environment& behind) {
  std::string text;
  std::vector<stdfs::path> folders{behind.layout.purelib};
  if (behind.layout.platlib != behind.layout.purelib) folders.push_back(behind.layout.platlib);
  for (const auto& folder : folders) {
    std::string quoted;
    for (const char c : folder.native()) append(quoted, c == '\\' || c == '\'' ? "\\" : "", c);
    append(text, "import site; site.addsitedir('", quoted, "')\n");
  }
  const auto path = front.layout.purelib / "_pkg_run.pth";
  if (const auto there = fs::read_file_at_most(path, limits::kSmall); there && *there == text) return ok_status();
  return fs::publish(path, text);
}

}  // namespace

Status add_project_environment(const RunOptions& options, RunEnvironments& environments, RunPlan& plan,
                               Session& session) {
  if (options.no_project || !has_project(session.working_folder()))
    return add_found_environment(options, environments, session);
  if (options.no_sync) return add_unsynced_environment(options, environments, plan, session);
  PKG_TRY_ASSIGN(plan.sync, sync_lock(options.sync, session));
  warn_before_running(plan.sync->environment, session);
  environments.all.push_back(plan.sync->environment);
  return ok_status();
}

Status add_isolated_environment(const RunOptions& options, RunEnvironments& environments, RunPlan& plan,
                                Session& session) {
  const bool in_project = !options.no_project && has_project(session.working_folder());
  auto python = options.sync.environment.python;
  if (!in_project) {
    PKG_TRY_ASSIGN(const auto base, script_interpreter(python, {}, session));
    PKG_TRY_ASSIGN(auto empty, kept_environment("isolated", "isolated", base, session));
    environments.all.push_back(std::move(empty));
    return ok_status();
  }
  PKG_TRY_ASSIGN(const auto project, open_project(session.working_folder()));
  PKG_TRY_ASSIGN(const auto wish, python_wish(python, session.working_folder(), project.root, session));
  PKG_TRY_ASSIGN(const auto base, interpreter_for_new(wish, requires_python_of(project), session));
  PKG_TRY_ASSIGN(const auto kept, kept_environment(project.root.filename().string(),
                                                   isolated_key(project, options.sync), base, session));
  auto sync = options.sync;
  sync.environment = {};
  sync.environment.folder = kept.layout.prefix;
  sync.inexact = false;
  PKG_TRY_ASSIGN(plan.sync, sync_lock(sync, session));
  environments.all.push_back(plan.sync->environment);
  return ok_status();
}

Status add_script_environment(const RunOptions& options, RunEnvironments& environments, RunPlan& plan, Session& given) {
  const auto script = script_path(options);
  auto lock_options = options.sync.lock;
  lock_options.script = script.string();
  PKG_TRY_ASSIGN(const auto subject, read_lock_subject(lock_options, given));
  auto& session = session_for(subject, given);
  const bool has_lock = fs::exists(subject.lock_path);
  if (has_lock && !options.no_sync) {
    PKG_TRY(sync_script(options, script, plan, given));
    environments.all.push_back(plan.sync->environment);
    return ok_status();
  }
  if (!has_lock && !options.no_sync && (options.sync.locked || options.sync.frozen)) {
    return make_error(ErrorKind::not_found,
                      cat("the script has no lock: there is no ", quote(subject.lock_path.filename().string())),
                      cat("make it: pkg lock --script ", options.command.front()));
  }
  PKG_TRY_ASSIGN(const auto base,
                 script_interpreter(options.sync.environment.python, requires_python_of(subject.project), session));
  auto kept = unlocked_script_environment(script, subject, session);
  if (has_lock) {
    PKG_TRY_ASSIGN(kept, locked_script_environment(script, subject.lock_path));
  }
  PKG_TRY_ASSIGN(auto environment, kept_environment(kept.name, kept.key, base, session));
  PKG_TRY(settle_interrupted(environment, options.no_sync ? Access::read : Access::write, session));
  if (!options.no_sync) PKG_TRY(install_script(options, script, subject, environment, plan, session));
  environments.all.push_back(std::move(environment));
  return ok_status();
}

Status add_with_environment(const RunOptions& options, RunEnvironments& environments, RunPlan& plan, Session& given) {
  const auto& behind = environments.all.front();
  PKG_TRY_ASSIGN(const auto behind_python, interpreter_to_use(behind, given));
  PKG_TRY_ASSIGN(const auto base, venv::probe(behind_python.real_executable, given.cache_dir()));
  InstallOptions install_options;
  install_options.inputs.words = options.with;
  install_options.inputs.editables = options.with_editable;
  install_options.inputs.requirements_files = options.with_files;
  install_options.resolve = options.sync.lock.resolve;
  install_options.apply = options.sync.apply;
  install_options.uses_project_builds = false;
  // An interpreter itself is no environment of the command's: what is installed there neither counts nor is seen.
  const bool sees_behind = behind.kind != venv::EnvironmentKind::system;
  if (sees_behind) {
    PKG_TRY_ASSIGN(const auto present, venv::installed(behind));
    for (const auto& dist : present) install_options.preferred.push_back({dist.name, dist.version, {}});
  }
  const auto doing = [] { return std::string("while preparing what --with names"); };
  PKG_TRY_ASSIGN(auto inputs, read_inputs(install_options.inputs, given).with(doing));
  auto& session = session_for(inputs, given);
  PKG_TRY_ASSIGN(
      const auto chosen,
      resolution_key(inputs, install_options.resolve, install_options.preferred, base, behind, session).with(doing));
  PKG_TRY_ASSIGN(auto front, kept_environment("with", cat("with", '\0', chosen, '\0', behind.layout.prefix.native()),
                                              base, session));
  if (sees_behind) PKG_TRY(see_through(front, behind));
  if (const auto known = unchanged_since(front, session.state_key()); !known || known->inputs_digest != chosen) {
    install_options.environment.folder = front.layout.prefix;
    const auto count = inputs.requirements.size();
    PKG_TRY_ASSIGN(plan.with_environment, install_inputs(std::move(inputs), install_options, session).with(doing));
    remember(front, {front.layout.prefix / "pyvenv.cfg", chosen, "with", count}, session.state_key());
  }
  environments.all.insert(environments.all.begin(), std::move(front));
  return ok_status();
}

}  // namespace pkg::ops
