#pragma once
// How to build what has no wheel: options of every verb that resolves.

#include <string>
#include <vector>

#include "base/result.h"
#include "cli/config/config.h"
#include "ops/builds/builds.h"

namespace pkg::ops {
class Session;
struct ResolveOptions;
}  // namespace pkg::ops

namespace pkg::cli {

class OptionParser;

struct BuildFlags {
  std::vector<std::string> config_settings;          // KEY=VALUE
  std::vector<std::string> config_settings_package;  // NAME:KEY=VALUE
  std::vector<std::string> build_constraints;        // files
  std::vector<std::string> no_isolation_packages, no_build_packages, extra_requirements;
  std::vector<std::string> variables;  // NAME or NAME=VALUE
  std::string source_folder;
  bool no_isolation = false, check_requirements = false, no_build = false, no_url_dependencies = false, sandbox = false;
  bool no_variables = false;
  bool trusts_project = false;                               // what it says of variables for builds
  std::vector<ops::DependencyMetadata> dependency_metadata;  // of settings files alone
  double timeout_s = 3600;
  int jobs = 0;
};
void add_build_options(OptionParser& parser, BuildFlags& flags);
void apply_config(const Config& config, BuildFlags& flags);

// Into session.build_options(); the policy of `resolve` counts for build requirements too. Reads constraints files.
// usage, bad_data.
Status set_build_options(const BuildFlags& flags, const ops::ResolveOptions& resolve, ops::Session& session);

}  // namespace pkg::cli
