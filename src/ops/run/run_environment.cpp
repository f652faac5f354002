#include "ops/run/run_environment.h"

#include <algorithm>
#include <utility>

#include "base/fs.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/text.h"
#include "index/sources_digest.h"
#include "ops/environment/environment_interpreter.h"
#include "ops/environment/environment_state.h"
#include "ops/lock/universal.h"
#include "ops/run/kept_environment.h"
#include "ops/run/resolution_key.h"
#include "venv/site.h"

namespace pkg::ops {
namespace {

namespace stdfs = std::filesystem;

bool has_project(const stdfs::path& start) {
  for (auto folder = start;; folder = folder.parent_path()) {
    if (has_project_file(folder)) return true;
    if (folder == folder.parent_path() || folder.empty()) return false;
  }
}

Status add_found_environment(const RunOptions& options, RunEnvironments& environments, RunPlan& plan,
                             Session& session) {
  PKG_TRY_ASSIGN(auto chosen,
                 choose_environment(options.sync.environment, WhenMissing::make_venv, Access::read, session));
  if (chosen.created) plan.made = chosen.environment.layout.prefix;
  if (chosen.found) warn_of_owner(chosen.environment, session);
  warn_before_running(chosen.environment, session);
  environments.all.push_back(std::move(chosen.environment));
  return ok_status();
}

stdfs::path script_path(const RunOptions& options) {
  std::error_code ignored;  // without a working folder no command comes this far
  return stdfs::absolute(options.command.front(), ignored).lexically_normal();
}

// What a script asks for, for one interpreter.
Result<Inputs> script_inputs(const LockSubject& subject, const Session& session) {
  const auto& settings = subject.project.settings;
  PKG_TRY_ASSIGN(const auto requirements, requirements_of(subject.project));
  PKG_TRY(check_indexes(requirements.index_of, session.settings()));
  Inputs inputs = subject.inputs;
  inputs.requirements = requirements.requirements;
  inputs.constraints.insert(inputs.constraints.end(), requirements.constraints.begin(), requirements.constraints.end());
  inputs.editable_urls.insert(requirements.editable_urls.begin(), requirements.editable_urls.end());
  inputs.constraints.insert(inputs.constraints.end(), settings.constraints.begin(), settings.constraints.end());
  inputs.overrides.insert(inputs.overrides.end(), settings.overrides.begin(), settings.overrides.end());
  inputs.excludes.insert(inputs.excludes.end(), settings.excludes.begin(), settings.excludes.end());
  return inputs;
}

std::string requires_python_of(const LockSubject& subject) {
  const auto& project = subject.project.members.front().pyproject.project;
  return project ? project->requires_python.to_string() : std::string();
}

// The script's lock, taken as it is or locked again where it is stale.
Status sync_script(const RunOptions& options, const stdfs::path& script, const venv::Environment& environment,
                   RunPlan& plan, Session& session) {
  auto sync = options.sync;
  sync.lock.script = script.string();
  sync.environment = {};
  sync.environment.python = environment.layout.prefix.string();
  PKG_TRY_ASSIGN(plan.sync, sync_lock(sync, session));
  return ok_status();
}

Status install_script(const RunOptions& options, const stdfs::path& script, const LockSubject& subject,
                      const venv::Environment& environment, RunPlan& plan, Session& session) {
  const auto known = unchanged_since(environment, session.state_key());
  if (known && known->lock == script && known->inputs_digest == subject.digest) return ok_status();
  PKG_TRY_ASSIGN(const auto inputs, script_inputs(subject, session));
  InstallOptions install;
  install.environment.python = environment.layout.prefix.string();
  install.resolve = subject.resolve;
  install.apply = options.sync.apply;
  install.extraneous = venv::Extraneous::remove;
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

// Which environment a script has. With a lock: by what the lock says. Without: by what is asked and where it is looked
// for; what that came to stays, as a lock's would, until one of them changes.
Result<std::string> script_key(const stdfs::path& script, const LockSubject& subject, bool has_lock,
                               const Session& session) {
  if (!has_lock)
    return cat("script", '\0', script.native(), '\0', subject.digest, '\0', index::sources_digest(session.settings()));
  PKG_TRY_ASSIGN(const auto lock, fs::read_file(subject.lock_path));
  return cat("script", '\0', script.native(), '\0', hash::sha256(lock));
}

}  // namespace

Status add_project_environment(const RunOptions& options, RunEnvironments& environments, RunPlan& plan,
                               Session& session) {
  if (options.no_sync || options.no_project || !has_project(session.working_folder()))
    return add_found_environment(options, environments, plan, session);
  PKG_TRY_ASSIGN(plan.sync, sync_lock(options.sync, session));
  warn_before_running(plan.sync->environment, session);
  environments.all.push_back(plan.sync->environment);
  return ok_status();
}

Status add_script_environment(const RunOptions& options, RunEnvironments& environments, RunPlan& plan, Session& given) {
  const auto script = script_path(options);
  auto lock_options = options.sync.lock;
  lock_options.script = script.string();
  PKG_TRY_ASSIGN(const auto subject, read_lock_subject(lock_options, given));
  auto& session = session_for(subject, given);
  const auto& asked = options.sync.environment.python;
  PKG_TRY_ASSIGN(const auto base, venv::find_interpreter(asked.empty() ? requires_python_of(subject) : asked,
                                                         session.cache_dir(), leave_with_warning(session)));
  const bool has_lock = fs::exists(subject.lock_path);
  PKG_TRY_ASSIGN(const auto key, script_key(script, subject, has_lock, session));
  PKG_TRY_ASSIGN(auto environment, kept_environment(script.stem().string(), key, base, session));
  PKG_TRY(settle_interrupted(environment, options.no_sync ? Access::read : Access::write, session));
  if (!options.no_sync) {
    if (has_lock) {
      PKG_TRY(sync_script(options, script, environment, plan, given));
    } else if (options.sync.locked || options.sync.frozen) {
      return make_error(ErrorKind::not_found,
                        cat("the script has no lock: there is no ", quote(subject.lock_path.filename().string())),
                        cat("make it: pkg lock --script ", options.command.front()));
    } else {
      PKG_TRY(install_script(options, script, subject, environment, plan, session));
    }
  }
  environments.all.push_back(std::move(environment));
  return ok_status();
}

Status add_with_environment(const RunOptions& options, RunEnvironments& environments, RunPlan& plan, Session& given) {
  const auto& behind = environments.all.front();
  PKG_TRY_ASSIGN(const auto behind_python, interpreter_to_use(behind, given));
  PKG_TRY_ASSIGN(const auto base, venv::probe(behind_python.real_executable, given.cache_dir()));
  InstallOptions install_options;
  install_options.inputs.words = options.with;
  install_options.inputs.requirements_files = options.with_files;
  install_options.resolve = options.sync.lock.resolve;
  install_options.apply = options.sync.apply;
  PKG_TRY_ASSIGN(const auto present, venv::installed(behind));
  for (const auto& dist : present) install_options.preferred.push_back({dist.name, dist.version, {}});
  const auto doing = [] { return std::string("while preparing what --with names"); };
  PKG_TRY_ASSIGN(auto inputs, read_inputs(install_options.inputs, given).with(doing));
  auto& session = session_for(inputs, given);
  PKG_TRY_ASSIGN(
      const auto chosen,
      resolution_key(inputs, install_options.resolve, install_options.preferred, base, behind, session).with(doing));
  PKG_TRY_ASSIGN(auto front, kept_environment("with", cat("with", '\0', chosen, '\0', behind.layout.prefix.native()),
                                              base, session));
  PKG_TRY(see_through(front, behind));
  if (const auto known = unchanged_since(front, session.state_key()); !known || known->inputs_digest != chosen) {
    install_options.environment.python = front.layout.prefix.string();
    const auto count = inputs.requirements.size();
    PKG_TRY_ASSIGN(plan.with_environment, install_inputs(std::move(inputs), install_options, session).with(doing));
    remember(front, {front.layout.prefix / "pyvenv.cfg", chosen, "with", count}, session.state_key());
  }
  environments.all.insert(environments.all.begin(), std::move(front));
  return ok_status();
}

}  // namespace pkg::ops
