#pragma once
// What everybody else may ask of the rooms that build: metadata and wheels of sources. The one recursion of the
// program, solve → build → solve for the build requirements, passes through this interface: solve/ knows it and nothing
// of builds/, which implements it (builds/builds.h).

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "index/index.h"
#include "ops/session/build_options.h"
#include "pep/dist_file.h"
#include "pep/metadata.h"
#include "pep/requirement.h"
#include "pep/target.h"
#include "resolver/resolution.h"
#include "venv/environment.h"
#include "venv/interpreter/interpreter.h"

namespace pkg::ops {

class Session;

// A source that was named by a URL or path, looked at.
struct NamedSource {
  pep::DistFile file;  // kind sdist; url: exact (a vcs source has its commit), file_name may be empty
  std::shared_ptr<const pep::Metadata> metadata;
};

// Chooses what meets build requirements: one file each. Errors: whatever stops it.
using PinsForBuild = std::function<Result<std::vector<resolver::Pin>>(const std::vector<pep::Requirement>& requirements,
                                                                      const pep::Target& target)>;

// Threads: all members from any thread; equal questions share one build. Errors: build (a backend failed, or building
// is off) · unsupported (no such hook, no environment, no sandbox) · conflict (build requirements exclude each other) ·
// bad_data, not_found, network, hash_mismatch (the source, or what it is built with) · io · interrupted.
class SourceBuilder {
 public:
  virtual ~SourceBuilder() = default;
  SourceBuilder(const SourceBuilder&) = delete;
  SourceBuilder& operator=(const SourceBuilder&) = delete;

  // Where `url` (anything SourceUrl::parse takes but a wheel) leads now, a revision to its commit. Nothing is fetched
  // or built: project and version are empty.
  virtual Result<pep::DistFile> locate(const std::string& url, bool editable) = 0;
  // What such a URL is: its name, version and metadata, built only where no
  // file says it. conflict: to build it needs itself · bad_data: its metadata cannot be read.
  virtual Result<NamedSource> source(const std::string& url, bool editable) = 0;

  // Metadata of an sdist of an index or of a source. The reason, for what makes this release unusable, so that the
  // resolver may take another: a name or version that is not the file's, metadata that cannot be read, a circle. A
  // build that fails is an Error (build).
  virtual Result<index::MetadataResult> metadata(const pep::DistFile& file) = 0;

  // The wheel `file` is built to, in the cache: built now or before.
  virtual Result<pep::DistFile> wheel(const pep::DistFile& file) = 0;
  // The same for several at once, as many at a time as the job limit allows. In the order of `files`.
  virtual Result<std::vector<pep::DistFile>> wheels(std::span<const pep::DistFile* const> files) = 0;

  // What `file` asks for to be built: by its [build-system], and by its backend, which is asked in the environment that
  // `pins_for` chooses for that. Of a folder also what an editable needs. extra-build-dependencies are not among it.
  virtual Result<std::vector<pep::Requirement>> asked_for(const pep::DistFile& file, const PinsForBuild& pins_for) = 0;

  virtual const BuildOptions& options() const = 0;
  virtual const pep::Target& target() const = 0;  // of the interpreter that it builds for

  // Revisions that are taken as they were locked: texts of vcs SourceUrls to commits. Before the first question.
  virtual void keep_commits(std::map<std::string, std::string> commits) = 0;

 protected:
  SourceBuilder() = default;
};

// Makes a builder, or says why there is none, at the first source that needs one.
using SourceBuilderWhenNeeded = std::function<Result<SourceBuilder*>()>;

// Makes the builder of a session, for an interpreter; `environment`: where builds without isolation happen (null: there
// is none, and they fail). builds/builds.h has the one of the program; tests have their own.
using SourceBuilderFactory = std::function<std::unique_ptr<SourceBuilder>(
    Session& session, const venv::Interpreter& interpreter, const venv::Environment* environment)>;

}  // namespace pkg::ops
