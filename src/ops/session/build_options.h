#pragma once
// How sources are built, and what is known of them without a build: what the command line, the settings and the project
// say of it. Plain data.

#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "builder/build_process.h"
#include "ops/session/dependency_metadata.h"
#include "ops/session/locked_builds.h"
#include "pep/name.h"
#include "pep/requirement.h"
#include "resolver/policy.h"

namespace pkg::ops {

struct BuildOptions {
  builder::ConfigSettings config_settings;  // -C
  std::map<pep::Name, builder::ConfigSettings>
      config_settings_of;                     // --config-settings-package, and --config-settings on a line
  std::vector<pep::Requirement> constraints;  // --build-constraint: of build requirements
  std::map<pep::Name, std::vector<pep::Requirement>> extra_requirements;  // extra-build-dependencies
  std::map<pep::Name, builder::Variables> extra_variables;                // extra-build-variables
  builder::Variables variables;           // --build-variable: of every build, whatever they are called
  bool familiar_variables_only = false;   // --no-build-variables: of this process's own only those of tools
  bool trusts_project_variables = false;  // of extra_variables also those that lead out of a build
  bool no_isolation = false;
  std::set<pep::Name> no_isolation_of;
  bool check_requirements = false;  // --check-build-dependencies, with no_isolation
  bool no_build = false;            // --no-build: nothing, not even folders
  std::set<pep::Name> no_build_of;
  bool no_url_dependencies = false;  // --no-url-dependencies: requirements of releases may not be URLs
  std::filesystem::path
      checkouts;  // --src: where editable revisions are kept; empty: `src` in the environment, else here
  bool sandbox = false;
  double timeout_s = 3600;
  int jobs = 0;                                         // builds at a time; 0: number of cores
  resolver::Policy policy;                              // format control, cut-off …: of build requirements
  std::shared_ptr<const LockedBuilds> locked;           // null: build requirements are resolved
  std::vector<DependencyMetadata> dependency_metadata;  // counts instead of what a release says; the first that fits

  bool operator==(const BuildOptions&) const = default;
};

}  // namespace pkg::ops
