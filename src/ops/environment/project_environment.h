#pragma once
// The one environment of a project: `.venv` at its root, or the folder that PKG_PROJECT_ENVIRONMENT or `[tool.pkg]
// environment` names; the active one only where --active asks for it. It is never one of a folder above.
//
// Two steps, because a project's lock may have to be read, or made, before it is known which Python is needed:
// find_project_environment() looks and changes nothing, settle_project_environment() keeps what is there, or makes it.

#include <filesystem>
#include <optional>
#include <string>

#include "base/fs.h"
#include "base/result.h"
#include "ops/environment/environment_choice.h"
#include "ops/environment/python_wish.h"
#include "ops/project/project.h"
#include "ops/session/session.h"
#include "pep/specifier.h"
#include "venv/environment.h"

namespace pkg::ops {

// What has an environment of its own.
struct ProjectPlace {
  std::filesystem::path root;
  std::filesystem::path environment = {};  // as `[tool.pkg] environment` says; empty: .venv
  bool is_project = true;                  // false: only a folder
};
ProjectPlace place_of(const Project& project);

// What an environment belongs to that a command makes in the working folder: the project that the folder is in, else
// the folder alone. A project that cannot be read is none.
struct ProjectHome {
  ProjectPlace place;
  pep::SpecifierSet requires_python = {};
};
ProjectHome project_home(const Session& session);

struct ProjectEnvironment {
  std::filesystem::path folder;              // where it is, or will be
  std::optional<venv::Environment> present;  // what is there
  std::optional<fs::FileKey> seen;           // its pyvenv.cfg, as it was looked at
  PythonWish wish;
  std::string unfit;      // as why_unfit(), by the wish alone; empty: nothing is known against it
  bool is_own = true;     // false: active, or elsewhere by a file or link: never made again
  bool is_given = false;  // its folder was said: by PKG_PROJECT_ENVIRONMENT, the project, or --active
};

// Warns of an active environment that is passed over. bad_data: `.venv` is a file that names no place; what is in
// PKG_PROJECT_ENVIRONMENT's folder is damaged · what python_wish() gives.
Result<ProjectEnvironment> find_project_environment(const EnvironmentOptions& options, const ProjectPlace& place,
                                                    Session& session);
// The same without the warnings.
Result<ProjectEnvironment> look_at_project_environment(const EnvironmentOptions& options, const ProjectPlace& place,
                                                       Session& session);
// Where it is, or would be; a `.venv` that is a file is followed.
Result<std::filesystem::path> project_environment_folder(const ProjectPlace& place);
// What is there, for those who only look: without warnings, and whatever its Python is.
std::optional<venv::Environment> present_project_environment(const ProjectPlace& place, Session& session);

// What a project's verbs take for --python where none is given and they only ask which Python: the environment that is
// there, else what `.python-version` or requires-python says. Empty: nothing is known.
std::string python_of_project(const ProjectHome& home, Session& session);

// What is there where it fits, else a new one in its place, with one line that says what it was. With Access::plan
// nothing is made: `would_be` of the answer. conflict: what is there does not fit and is not the project's own, or is
// no environment · what interpreter_for_new() and venv::create() give.
Result<ChosenEnvironment> settle_project_environment(const ProjectEnvironment& found,
                                                     const pep::SpecifierSet& requires_python, Access access,
                                                     Session& session);

// Of a plan: what is not there, with an interpreter that it would be made of.
ChosenEnvironment would_make(const std::filesystem::path& folder, venv::Interpreter base);

// requires-python of all members together.
pep::SpecifierSet requires_python_of(const Project& project);

}  // namespace pkg::ops
