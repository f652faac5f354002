#include "ops/install/venv.h"

#include "base/text.h"
#include "ops/environment/environment_interpreter.h"
#include "ops/install/install.h"

namespace pkg::ops {

Result<VenvReport> make_venv(const VenvOptions& options, Session& session) {
  PKG_TRY_ASSIGN(const auto base,
                 venv::find_interpreter(options.python, session.cache_dir(), leave_with_warning(session)));
  venv::CreateOptions create;
  create.folder = (session.working_folder() / options.folder).lexically_normal();
  create.prompt = options.prompt;
  create.system_site_packages = options.system_site_packages;
  create.copies = options.copies;
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
    install_options.environment.python = report.folder.string();
    PKG_TRY_ASSIGN(const auto installed, install(install_options, session).with([] {
      return std::string("while seeding the environment with pip");
    }));
    for (const auto& change : installed.changes) report.seeded.push_back(cat(change.name, " ", change.new_version));
  }
  return report;
}

}  // namespace pkg::ops
