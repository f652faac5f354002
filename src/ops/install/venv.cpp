#include "ops/install/venv.h"

#include <utility>

#include "base/text.h"
#include "ops/environment/project_environment.h"
#include "ops/environment/python_wish.h"
#include "ops/install/install.h"
#include "venv/redirect.h"

namespace pkg::ops {

namespace {

// Without a name: the project's environment at its root, elsewhere .venv; where that is a file, what it names.
Result<std::filesystem::path> folder_of(const VenvOptions& options, const ProjectHome& home, const Session& session) {
  const auto& here = session.working_folder();
  if (!options.folder.empty()) {
    auto named = (here / options.folder).lexically_normal();
    return named.filename() == ".venv" ? venv::follow_redirect(named) : Result<std::filesystem::path>(std::move(named));
  }
  return project_environment_folder(home.place.root == here ? home.place : ProjectPlace{.root = here});
}

}  // namespace

Result<VenvReport> make_venv(const VenvOptions& options, Session& session) {
  const auto home = project_home(session);
  const auto root = home.place.is_project ? home.place.root : std::filesystem::path();
  PKG_TRY_ASSIGN(const auto wish, python_wish(options.python, session.working_folder(), root, session));
  const bool is_said = !options.python.empty();
  PKG_TRY_ASSIGN(const auto base,
                 interpreter_for_new(wish, is_said ? pep::SpecifierSet() : home.requires_python, session));
  venv::CreateOptions create;
  PKG_TRY_ASSIGN(create.folder, folder_of(options, home, session));
  // As `python -m venv` has it.
  create.prompt = options.prompt == "." ? session.working_folder().filename().string() : options.prompt;
  create.system_site_packages = options.system_site_packages;
  create.copies = options.copies;
  create.relocatable = options.relocatable;
  create.if_exists = options.if_exists;
  create.key = &session.state_key();
  PKG_TRY_ASSIGN(const auto environment, venv::create(base, create));
  VenvReport report;
  report.folder = environment.layout.prefix;
  report.base_python = base.executable;
  report.implementation = base.facts.implementation;
  report.version = base.target.environment.python_full_version;
  if (options.seed) {
    InstallOptions install_options;
    install_options.inputs.words = {"pip"};
    install_options.environment.folder = report.folder;
    PKG_TRY_ASSIGN(const auto installed, install(install_options, session).with([] {
      return std::string("while seeding the environment with pip");
    }));
    for (const auto& change : installed.changes) report.seeded.push_back(cat(change.name, " ", change.new_version));
  }
  return report;
}

}  // namespace pkg::ops
