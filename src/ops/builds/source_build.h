#pragma once
// One source at work: unpacked, its backend's environment made, its hooks called in one process.

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/fs.h"
#include "base/result.h"
#include "builder/backend.h"
#include "builder/build_process.h"
#include "builder/build_variables.h"
#include "index/source_tree.h"
#include "ops/builds/build_environment.h"
#include "ops/session/source_builder.h"
#include "pep/dist_file.h"
#include "venv/interpreter/interpreter.h"

namespace pkg::ops {

// What a build is done with; outlives it.
struct BuildSetting {
  Session& session;
  const BuildOptions& options;
  const builder::VariableRules& variables;
  const venv::Interpreter& interpreter;
  const venv::Environment* environment;  // for builds without isolation; null: there is none
};

// Not for several threads at once; one after the other may use it.
class SourceBuild {
 public:
  // Unpacks or checks out. not_found, bad_data, network …: the source.
  static Result<std::unique_ptr<SourceBuild>> open(const BuildSetting& setting, const pep::DistFile& file);
  ~SourceBuild();

  const index::SourceTree& tree() const { return tree_; }
  // What was opened; its project filled in where the tree's files say it.
  const pep::DistFile& file() const { return file_; }
  // METADATA's text as the files of the tree say it, where that is certain; nullopt: ask the backend.
  std::optional<std::string> static_metadata() const;
  // Makes the environment and starts the backend, where that is not done: BuildEnvironment::key, which no build without
  // isolation has. `jobs`: how many compilers may run at a time. Errors: those of backend_of, build_environment and
  // BuildProcess · unsupported: no environment to build in without isolation · build: requirements that are not met, or
  // are none · io.
  Result<std::string> environment(SourceBuilder& nested, int jobs);
  // Metadata from the backend. nullopt: it has no hook for metadata alone, so that the wheel must be built. Errors:
  // those of environment(); build.
  Result<std::optional<std::string>> prepared_metadata(SourceBuilder& nested);
  // SourceBuilder::asked_for. Nothing may be under way of prepared_metadata() or environment(): it begins again.
  Result<std::vector<pep::Requirement>> asked_for(const PinsForBuild& pins_for, SourceBuilder& nested);
  // The lock had no environment that fits, and its requirements were resolved: what is built is not what was locked.
  bool was_unlocked() const { return was_unlocked_; }
  // The wheel's path; gone with this object. Errors: those of environment(); build.
  Result<std::filesystem::path> wheel(SourceBuilder& nested, int jobs);

 private:
  SourceBuild(const BuildSetting& setting, pep::DistFile file, fs::TempDir folder);
  Status start(SourceBuilder& nested, int jobs);
  Status prepare();
  Result<std::optional<builder::BuildProcess>> start_locked(SourceBuilder& nested);
  Result<std::optional<builder::BuildProcess>> start_as_locked(SourceBuilder& nested);
  Result<builder::BuildProcess> start_resolved(SourceBuilder& nested);
  Result<BuildEnvironment> place_for(std::vector<pep::Requirement> requirements, SourceBuilder& nested);
  Result<builder::BuildProcess> start_process(const BuildEnvironment& environment);
  std::vector<pep::Requirement> static_requirements() const;
  Result<std::vector<pep::Requirement>> dynamic_requirements(builder::BuildProcess& process, builder::Product product);
  const builder::ConfigSettings& config_settings() const;
  bool is_isolated() const;
  builder::Variables variables() const;  // of this one package
  void add_readable(builder::ProcessOptions& options) const;
  std::string title() const;  // "numpy 2.0", or where it comes from

  const BuildSetting setting_;
  pep::DistFile file_;
  fs::TempDir folder_;  // source/, metadata/ and wheel/ below it
  index::SourceTree tree_;
  std::optional<builder::Backend> backend_;
  std::optional<builder::BuildProcess> process_;
  std::filesystem::path log_file_, metadata_folder_;
  std::string environment_key_;
  int jobs_ = 1;
  bool failed_ = false;  // the log stays
  bool was_unlocked_ = false;
};

// The settings that count for `file`: its own, else the general ones.
const builder::ConfigSettings& config_settings_for(const pep::Name& name, const BuildOptions& options);

}  // namespace pkg::ops
