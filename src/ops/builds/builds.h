#pragma once
// Builds, the SourceBuilder of the program: sources (sdists, folders, revisions) become metadata and wheels, for one
// interpreter. The one recursion of the program is here: solve → SourceBuilder → solve, for the build requirements; it
// carries the stack of what is being built, so that a circle is an error.

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "ops/builds/build_jobs.h"
#include "ops/session/source_builder.h"
#include "pep/dist_file.h"
#include "venv/environment.h"
#include "venv/interpreter/interpreter.h"

namespace pkg::ops {

// Threads: all members from any thread; equal questions share one build.
class Builds final : public SourceBuilder {
 public:
  // For `interpreter`; `environment`: where builds without isolation happen (null: there is none, and they fail).
  Builds(Session& session, BuildOptions options, venv::Interpreter interpreter, const venv::Environment* environment);
  ~Builds() override;

  Result<pep::DistFile> locate(const std::string& url, bool editable) override;
  Result<NamedSource> source(const std::string& url, bool editable) override;
  Result<index::MetadataResult> metadata(const pep::DistFile& file) override;
  Result<pep::DistFile> wheel(const pep::DistFile& file) override;
  Result<std::vector<pep::DistFile>> wheels(std::span<const pep::DistFile* const> files) override;
  Result<std::vector<pep::Requirement>> asked_for(const pep::DistFile& file, const PinsForBuild& pins_for) override;
  const BuildOptions& options() const override;
  const pep::Target& target() const override;
  void keep_commits(std::map<std::string, std::string> commits) override;

 private:
  friend class BuildStep;
  struct State;
  enum class Wanted : unsigned char { metadata, wheel };
  // The view of a build on the builds of its requirements: `asking` is its job (build_jobs.h).
  Builds(std::shared_ptr<State> state, BuildJobs::Job* asking);
  Result<BuildAnswer> ask(const pep::DistFile& file, Wanted wanted);

  std::shared_ptr<State> state_;
  BuildJobs::Job* asking_ = nullptr;
};

// For Session: its builds are made by this.
std::unique_ptr<SourceBuilder> make_source_builder(Session& session, const venv::Interpreter& interpreter,
                                                   const venv::Environment* environment);

}  // namespace pkg::ops
