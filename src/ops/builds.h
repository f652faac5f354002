#pragma once
// Builds: sources (sdists, folders, revisions) become metadata and wheels, for one interpreter. The one recursion of the program is here:
// solve → live_source → builds → solve, for the build requirements; it carries the stack of what is being built, so that a circle is an
// error.

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "builder/build_process.h"
#include "index/index.h"
#include "ops/build_jobs.h"
#include "pep/dist_file.h"
#include "pep/metadata.h"
#include "pep/name.h"
#include "pep/requirement.h"
#include "resolver/policy.h"
#include "venv/environment.h"
#include "venv/interpreter.h"

namespace pkg::ops {

class Session;

struct BuildOptions {
  builder::ConfigSettings config_settings;                                // -C
  std::map<pep::Name, builder::ConfigSettings> config_settings_of;        // --config-settings-package, and --config-settings on a line
  std::vector<pep::Requirement> constraints;                              // --build-constraint: of build requirements
  std::map<pep::Name, std::vector<pep::Requirement>> extra_requirements;  // extra-build-dependencies
  std::map<pep::Name, builder::Variables> extra_variables;                // extra-build-variables
  bool no_isolation = false;
  std::set<pep::Name> no_isolation_of;
  bool check_requirements = false;  // --check-build-dependencies, with no_isolation
  bool no_build = false;            // --no-build: nothing, not even folders
  std::set<pep::Name> no_build_of;
  bool no_url_dependencies = false;  // --no-url-dependencies: requirements of releases may not be URLs
  std::filesystem::path checkouts;   // --src: where editable revisions are kept; empty: `src` in the environment, else here
  bool sandbox = false;
  double timeout_s = 3600;
  int jobs = 0;             // builds at a time; 0: number of cores
  resolver::Policy policy;  // format control, cut-off …: of build requirements
};

// A source that was named by a URL or path, looked at.
struct NamedSource {
  pep::DistFile file;  // kind sdist; url: exact (a vcs source has its commit), file_name may be empty
  std::shared_ptr<const pep::Metadata> metadata;
};

// Threads: all members from any thread; equal questions share one build.
class Builds {
 public:
  // For `interpreter`; `environment`: where builds without isolation happen (null: there is none, and they fail).
  Builds(Session& session, BuildOptions options, venv::Interpreter interpreter, const venv::Environment* environment);
  ~Builds();

  // What `url` (anything SourceUrl::parse takes but a wheel) is: its name, version and metadata, built only where no file says it.
  Result<NamedSource> source(const std::string& url, bool editable);
  // Metadata of an sdist of an index or of a source. The reason, for what makes this release unusable (a failed build of one release is an
  // answer to the resolver: it may take another); an Error stops.
  Result<index::MetadataResult> metadata(const pep::DistFile& file);
  // The wheel `file` is built to, in the cache: built now or before.
  Result<pep::DistFile> wheel(const pep::DistFile& file);
  // The same for several at once, as many at a time as the job limit allows. In the order of `files`.
  Result<std::vector<pep::DistFile>> wheels(std::span<const pep::DistFile* const> files);

  const BuildOptions& options() const;

  // Revisions that are taken as they were locked: texts of vcs SourceUrls to commits. Before the first question.
  void keep_commits(std::map<std::string, std::string> commits);

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

// Makes builds, or says why there are none, at the first source that needs them.
using BuildsWhenNeeded = std::function<Result<Builds*>()>;

}  // namespace pkg::ops
