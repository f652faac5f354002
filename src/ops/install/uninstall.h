#pragma once
// `pkg uninstall`: take distributions away; with --orphans also what nothing needs any more.

#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "ops/environment/environment_choice.h"
#include "ops/install/install.h"

namespace pkg::ops {

struct UninstallOptions {
  std::vector<std::string> names;
  std::vector<std::string> requirements_files;
  EnvironmentOptions environment;
  bool orphans = false;
  bool dry_run = false;
};

struct UninstallReport {
  std::vector<ChangedDist> changes;
  std::vector<std::string> not_installed;         // named, but not there: a warning, as in pip
  std::map<std::string, std::string> near_names;  // of those: what is installed by nearly that name, as far as it is
  std::vector<std::string> files;                 // with dry_run: what would be deleted
  std::vector<std::string> warnings;
  std::filesystem::path prefix;
  double seconds = 0;
  bool dry_run = false;
};

// usage: nothing was named. Others: those of read_inputs, of choose_environment (with orphans, of interpreter_to_use),
// of venv::apply (with dry_run: of owned_files).
Result<UninstallReport> uninstall(const UninstallOptions& options, Session& session);

}  // namespace pkg::ops
