#include "ops/install/sync_environment.h"

#include <algorithm>
#include <utility>

#include "base/fs.h"
#include "base/text.h"
#include "ops/environment/kept_environment.h"
#include "venv/discovery.h"
#include "venv/pyvenv_cfg.h"

namespace pkg::ops {
namespace {

namespace stdfs = std::filesystem;

// --python as the folder of an environment, or an interpreter in one.
bool names_environment(const std::string& python, const Session& session) {
  if (python.find('/') == std::string::npos && !fs::exists(python)) return false;
  const auto path = (session.working_folder() / python).lexically_normal();
  return fs::is_directory(path) ? fs::exists(path / "pyvenv.cfg") : venv::environment_folder_of(path).has_value();
}

bool has_active_environment() {
  const auto active = venv::active_environments();
  return std::ranges::any_of(active, [](const auto& one) { return !one.is_conda_base; });
}

// A file that is synced without a project stands for itself: what is active, or named, is meant.
bool is_named(const EnvironmentOptions& options, bool has_file, bool in_project, const Session& session) {
  if (options.names_place() || !options.folder.empty()) return true;
  if (!has_file) return false;
  if (!options.python.empty()) return names_environment(options.python, session);
  return !in_project && has_active_environment();
}

ProjectPlace project_place(const LockSource* source, const ProjectHome& home) {
  if (source == nullptr) return home.place;
  if (const auto* project = source->project()) return place_of(*project);
  return home.place.is_project ? home.place : ProjectPlace{.root = source->path.parent_path(), .is_project = false};
}

}  // namespace

Result<SyncEnvironment> SyncEnvironment::find(const EnvironmentOptions& options, const LockUse& use,
                                              const LockSource* source, Session& session) {
  SyncEnvironment environment;
  environment.options_ = options;
  const bool has_file = source == nullptr || !use.file.empty();
  const bool knows_project = source != nullptr && source->project() != nullptr;
  const auto home = knows_project ? ProjectHome{} : project_home(session);
  environment.requires_python_ = home.requires_python;
  const auto access = use.dry_run ? Access::plan : Access::write;
  if (is_named(options, has_file, home.place.is_project, session)) {
    PKG_TRY_ASSIGN(environment.named_, choose_environment(options, WhenMissing::fail, access, session));
    return environment;
  }
  if (source != nullptr && !use.lock.script.empty()) {
    environment.script_ = (session.working_folder() / use.lock.script).lexically_normal();
    environment.script_lock_ = source->path;
    return environment;
  }
  const auto place = has_file && !home.place.is_project ? home.place : project_place(source, home);
  PKG_TRY_ASSIGN(environment.project_, find_project_environment(options, place, session));
  return environment;
}

const venv::Environment* SyncEnvironment::present() const {
  if (named_) return &named_->environment;
  if (project_ && project_->unfit.empty() && project_->present) return &*project_->present;
  return nullptr;
}

Result<ChosenEnvironment> SyncEnvironment::settle(const pep::SpecifierSet& requires_python, Access access,
                                                  Session& session) const {
  if (named_) return *named_;
  if (project_) return settle_project_environment(*project_, requires_python, access, session);
  PKG_TRY_ASSIGN(auto base, script_interpreter(options_.python, requires_python, session));
  ScriptEnvironment kept{script_.stem().string(), {}};
  if (fs::exists(script_lock_)) {  // else a dry run, of a script without a lock
    PKG_TRY_ASSIGN(kept, locked_script_environment(script_, script_lock_));
  }
  PKG_TRY_ASSIGN(auto present, present_kept_environment(kept.name, kept.key, base, session));
  if (present) {
    PKG_TRY(settle_interrupted(*present, access, session));
    return ChosenEnvironment{.environment = std::move(*present)};
  }
  if (access == Access::plan) {
    const auto folder = kept_environment_folder(kept.name, kept.key, base, session);
    return would_make(folder, std::move(base));
  }
  PKG_TRY_ASSIGN(auto made, kept_environment(kept.name, kept.key, base, session));
  return ChosenEnvironment{.environment = std::move(made), .created = true};
}

}  // namespace pkg::ops
