#include "ops/environment/project_environment.h"

#include <algorithm>
#include <utility>

#include "base/environment_variable.h"
#include "base/fs.h"
#include "base/text.h"
#include "ops/environment/environment_interpreter.h"
#include "venv/create.h"
#include "venv/discovery.h"
#include "venv/redirect.h"

namespace pkg::ops {
namespace {

namespace stdfs = std::filesystem;

constexpr const char* kVariable = "PKG_PROJECT_ENVIRONMENT";

bool is_same_place(const stdfs::path& a, const stdfs::path& b) {
  std::error_code failed;
  return a == b || (stdfs::equivalent(a, b, failed) && !failed);
}

Result<PythonWish> wish_at(const std::string& python, const ProjectPlace& place, Session& session) {
  return python_wish(python, session.working_folder(), place.is_project ? place.root : stdfs::path(), session);
}

// What a checkout says of places counts inside it.
Status check_inside(const stdfs::path& folder, const ProjectPlace& place) {
  std::error_code failed;
  const auto root = stdfs::weakly_canonical(place.root, failed);
  const auto real = stdfs::weakly_canonical(folder, failed);
  if (!failed && std::ranges::mismatch(root, real).in1 == root.end()) return ok_status();
  return make_error(ErrorKind::bad_data,
                    cat("`environment` of [tool.pkg] leads out of the project: ", quote(folder.native())),
                    cat(kVariable, " may name any folder"));
}

// Where the project's environment is, by what is said of it.
Result<ProjectEnvironment> located(const EnvironmentOptions& options, const ProjectPlace& place,
                                   const std::vector<venv::ActiveEnvironment>& active) {
  ProjectEnvironment found;
  if (options.active && !active.empty()) {
    found.folder = active.front().folder;
    found.is_own = false;
    found.is_given = true;
    return found;
  }
  const char* said = environment_variable(kVariable);
  const stdfs::path name = said != nullptr ? stdfs::path(said) : place.environment;
  found.is_given = !name.empty();
  const auto named = (place.root / (name.empty() ? stdfs::path(".venv") : name)).lexically_normal();
  if (said == nullptr && !place.environment.empty()) PKG_TRY(check_inside(named, place));
  found.folder = named;
  if (name.empty()) {
    PKG_TRY_ASSIGN(found.folder, venv::follow_redirect(named));
  }
  std::error_code failed;
  found.is_own = found.folder == named && !stdfs::is_symlink(named, failed);
  return found;
}

Status open_present(ProjectEnvironment& found, Session& session) {
  const bool is_conda = !found.is_own && fs::is_directory(found.folder / "conda-meta");
  if (!is_conda && !fs::exists(found.folder / "pyvenv.cfg")) return ok_status();
  found.seen = fs::file_key(found.folder / "pyvenv.cfg");
  auto environment = venv::open_environment(found.folder, session.cache_dir());
  if (environment) {
    found.present = std::move(*environment);
  } else if (environment.error().kind == ErrorKind::bad_data && found.is_own) {
    found.unfit = "is damaged";
  } else {
    return std::move(environment).error();
  }
  return ok_status();
}

void warn_of_active(const std::vector<venv::ActiveEnvironment>& active, const stdfs::path& folder, Session& session) {
  std::string others;
  for (const auto& one : active) {
    if (!is_same_place(one.folder, folder))
      append(others, others.empty() ? "" : " and ", one.variable, "=", one.folder.native());
  }
  if (others.empty()) return;
  session.reporter().warning(cat(others, " is not the project's environment ", quote(folder.native()),
                                 " and is left alone; --active takes it"));
}

Result<ProjectEnvironment> look(const EnvironmentOptions& options, const ProjectPlace& place,
                                const std::vector<venv::ActiveEnvironment>& active, Session& session) {
  PKG_TRY_ASSIGN(auto found, located(options, place, active));
  PKG_TRY_ASSIGN(found.wish, wish_at(options.python, place, session));
  PKG_TRY(open_present(found, session));
  if (found.present) {
    PKG_TRY_ASSIGN(found.unfit, why_unfit(*found.present, found.wish, {}, session));
  }
  return found;
}

Error will_not_replace(const ProjectEnvironment& found, const std::string& why) {
  return make_error(
      ErrorKind::conflict, cat("the environment ", quote(found.folder.native()), " ", why),
      cat("it is not the project's own `.venv`, so pkg does not replace it: pkg venv --clear ", found.folder.native()));
}

Result<ChosenEnvironment> make_it(const ProjectEnvironment& found, const std::string& why,
                                  const pep::SpecifierSet& requires_python, Access access, Session& session) {
  const bool plans = access == Access::plan;
  PKG_TRY_ASSIGN(auto base, interpreter_for_new(found.wish, requires_python, session, !plans));
  std::string made_again;
  if (!why.empty()) {
    made_again = cat("the environment ", quote(found.folder.native()), " ", why, ": ", plans ? "would be " : "",
                     "made again with Python ", base.target.environment.python_full_version);
  }
  if (plans) {
    auto planned = would_make(found.folder, std::move(base));
    planned.made_again = std::move(made_again);
    return planned;
  }
  venv::CreateOptions create;
  create.folder = found.folder;
  create.key = &session.state_key();
  if (!why.empty()) {
    create.if_exists = venv::IfExists::clear;
    create.seen = found.seen;
  }
  PKG_TRY_ASSIGN(auto wanted, venv::create_or_use(base, create));
  if (wanted.made)
    return ChosenEnvironment{
        .environment = std::move(wanted.environment), .created = true, .made_again = std::move(made_again)};
  // Another process was first, for the same reason or another.
  PKG_TRY_ASSIGN(const auto other, why_unfit(wanted.environment, found.wish, requires_python, session));
  if (other.empty()) return ChosenEnvironment{.environment = std::move(wanted.environment), .found = true};
  return make_error(ErrorKind::conflict, cat("the environment ", quote(found.folder.native()),
                                             " was made by another command just now, and ", other));
}

}  // namespace

ChosenEnvironment would_make(const stdfs::path& folder, venv::Interpreter base) {
  ChosenEnvironment chosen;
  chosen.environment = venv::environment_at(folder, base, {});
  chosen.created = true;
  chosen.would_be = std::move(base);
  return chosen;
}

ProjectPlace place_of(const Project& project) {
  return {.root = project.root, .environment = project.settings.environment};
}

ProjectHome project_home(const Session& session) {
  const auto project = open_project(session.working_folder(), session.reporter());
  if (!project) return {{.root = session.working_folder(), .is_project = false}};
  return {place_of(*project), requires_python_of(*project)};
}

pep::SpecifierSet requires_python_of(const Project& project) {
  pep::SpecifierSet required;
  for (const auto& member : project.members)
    if (member.pyproject.project) required = required.intersect(member.pyproject.project->requires_python);
  return required;
}

Result<ProjectEnvironment> look_at_project_environment(const EnvironmentOptions& options, const ProjectPlace& place,
                                                       Session& session) {
  return look(options, place, venv::active_environments(), session);
}

Result<ProjectEnvironment> find_project_environment(const EnvironmentOptions& options, const ProjectPlace& place,
                                                    Session& session) {
  std::vector<std::string> gone;
  const auto active = venv::active_environments(&gone);
  PKG_TRY_ASSIGN(auto found, look(options, place, active, session));
  warn_of_gone(gone, session);
  warn_of_active(active, found.folder, session);
  return found;
}

Result<stdfs::path> project_environment_folder(const ProjectPlace& place) {
  PKG_TRY_ASSIGN(auto found, located({}, place, {}));
  return std::move(found.folder);
}

std::optional<venv::Environment> present_project_environment(const ProjectPlace& place, Session& session) {
  auto found = located({}, place, {});
  if (!found || !open_present(*found, session)) return std::nullopt;
  return std::move(found->present);
}

std::string python_of_project(const ProjectHome& home, Session& session) {
  if (const auto present = present_project_environment(home.place, session)) return present->layout.prefix.native();
  const auto wish = wish_at({}, home.place, session);
  return wish && !wish->request.empty() ? wish->request : home.requires_python.to_string();
}

Result<ChosenEnvironment> settle_project_environment(const ProjectEnvironment& found,
                                                     const pep::SpecifierSet& requires_python, Access access,
                                                     Session& session) {
  auto why = found.unfit;
  if (found.present && why.empty()) {
    PKG_TRY_ASSIGN(why, why_unfit(*found.present, {}, requires_python, session));
    if (why.empty()) {
      if (access == Access::write && !found.is_given) warn_of_owner(*found.present, session);
      PKG_TRY(settle_interrupted(*found.present, access, session));
      return ChosenEnvironment{.environment = *found.present, .found = true};
    }
  }
  if (!why.empty() && !found.is_own) return will_not_replace(found, why);
  return make_it(found, why, requires_python, access, session);
}

}  // namespace pkg::ops
