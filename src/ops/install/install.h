#pragma once
// `pkg install`: resolve and install into an environment.

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "ops/environment/environment_choice.h"
#include "ops/environment/other_target.h"
#include "ops/inputs/inputs.h"
#include "ops/install/report.h"
#include "ops/solve/solve.h"
#include "resolver/problem.h"
#include "venv/transaction/plan.h"
#include "venv/transaction/transaction.h"

namespace pkg::ops {

struct InstallOptions {
  InputOptions inputs;
  EnvironmentOptions environment;
  std::optional<ChosenEnvironment> chosen;  // what was chosen already, whatever `environment` says
  ResolveOptions resolve;
  venv::ApplyOptions apply;
  venv::Reinstall reinstall = venv::Reinstall::none;
  std::vector<std::string> reinstall_packages;
  OtherTarget other;  // resolve for this Python instead of the environment's; only with dry_run or a target folder
  bool ignore_installed = false;   // resolve as if nothing were there, and install all of it
  bool only_dependencies = false;  // of what is named, not that itself
  bool warn_script_location =
      true;  // tell of scripts in folders that PATH does not have; only of --user, --root and --system
  venv::Extraneous extraneous = venv::Extraneous::keep;  // sync: remove
  bool warn_conflicts = true;  // of distributions that stay and whose requirements the change breaks
  bool dry_run = false;
  bool uses_project_builds = true;              // what the project around the working folder says of builds counts
  std::vector<resolver::Preference> preferred;  // beside what is installed
  std::set<pep::Name> not_requested;            // among the inputs, and nobody asked for them: they get no REQUESTED
  bool want_report = false;  // InstallReport::dists, for which even what is there already is resolved
};

// One line of what changed.
struct ChangedDist {
  enum class Kind { added, removed, upgraded, downgraded, reinstalled } kind = Kind::added;
  std::string name;
  std::string old_version, new_version;
  std::string source;  // of a direct URL
  bool requested = false;
};

struct InstallReport {
  std::vector<ChangedDist> changes;  // sorted by name
  std::vector<ChangedDist> kept;     // requirements that were satisfied already: name and version
  bool created_environment = false;
  std::string made_again;  // as ChosenEnvironment's
  std::filesystem::path prefix;
  pep::Environment markers;         // of the environment, for --report
  std::vector<ReportedDist> dists;  // of what is added or replaced, where they are wanted
  std::set<pep::Name> requested;
  std::vector<std::string> warnings;
  double resolve_s = 0, install_s = 0;
  bool dry_run = false;
};

// Of the environment: something was changed, or would be.
bool differs_from(const InstallReport& report);

// usage: `other` is for another Python than the environment's, and is neither for a folder (--target) nor a dry run.
Status refuse_other_target(const OtherTarget& other, const EnvironmentOptions& environment, bool dry_run);

Result<InstallReport> install(const InstallOptions& options, Session& session);

// The same with inputs that were read already.
Result<InstallReport> install_inputs(Inputs inputs, const InstallOptions& options, Session& session);

}  // namespace pkg::ops
